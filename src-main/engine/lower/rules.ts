import type { StepRules } from '../runtime/executor.ts'
import { loadImage, saveImage, showImage } from './images.ts'
import { emptyLatent, showLatent, vaeDecode, vaeEncode } from './latents.ts'
import { applyLora, liveLora, session, textEncoder, unet, vae } from './networks.ts'
import { encodePrompt } from './prompts.ts'
import { sample } from './sample.ts'
import { strength } from './strengths.ts'

/** How every step op of the plan runs. */
export const stepRules: StepRules = {
  unet,
  'text-encoder': textEncoder,
  vae,
  'apply-lora': applyLora,
  'live-lora': liveLora,
  strength,
  session,
  'encode-prompt': encodePrompt,
  scheduler: { run: async (_context, _inputs, { spec }) => spec },
  'empty-latent': emptyLatent,
  'load-image': loadImage,
  'vae-encode': vaeEncode,
  sample,
  'vae-decode': vaeDecode,
  'save-image': saveImage,
  'show-image': showImage,
  'show-latent': showLatent,
  need: { run: async () => undefined },
}
