/** Words that a node is found by besides its own: other programs' names for it, and what it is for. */
export const keywords: Readonly<Record<string, readonly string[]>> = {
  checkpoint: ['CheckpointLoaderSimple', 'model', 'ckpt', 'UNet', 'safetensors', 'open', 'load'],
  lora: ['LoraLoader', 'adapter', 'style', 'LCM-LoRA', 'add', 'load'],
  prompt: ['CLIPTextEncode', 'text', 'positive', 'negative', 'words'],
  'lcm-scheduler': ['latent consistency', 'few steps', 'ModelSamplingDiscrete', 'fast'],
  scheduler: ['solver', 'DDIM', 'Euler', 'DPM++', 'Karras', 'BasicScheduler', 'steps'],
  sampler: ['KSampler', 'draw', 'generate', 'seed', 'denoise', 'guidance', 'CFG'],
  'empty-latent': ['EmptyLatentImage', 'size', 'width', 'height', 'noise', 'batch'],
  'vae-encode': ['VAEEncode', 'image to image', 'img2img', 'picture'],
  'vae-decode': ['VAEDecode', 'picture'],
  'load-image': ['LoadImage', 'picture', 'open', 'file', 'input', 'photo'],
  'save-image': ['SaveImage', 'picture', 'write', 'PNG', 'output', 'export', 'preview'],
  note: ['text', 'comment', 'Markdown', 'annotation'],
  frame: ['group', 'box', 'section'],
}
