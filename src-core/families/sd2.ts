import type { BuiltFamily } from './family.ts'
import { sd1 } from './sd1.ts'
import { openClipH } from './towers.ts'

export const sd2: BuiltFamily = {
  title: 'Stable Diffusion 2.x',
  name: 'SD2.x',
  matches: ({ has, contextWidth, linearProjection }) =>
    has(/^cond_stage_model\.model\./) || (contextWidth === 1024 && linearProjection),
  latents: sd1.latents,
  contextWidth: 1024,
  heads: (channels) => Math.max(1, Math.floor(channels / 64)),
  // only the 512-pixel base model predicts noise
  prediction: 'v_prediction',
  pictureSize: { epsilon: 512, v_prediction: 768, sample: 768 },
  zeroForNoText: false,
  textEncoder: {
    ...openClipH,
    // the penultimate of 24 layers; files of diffusers lack the last layer
    skip: (layers) => (layers < 24 ? 1 : 2),
    finalNorm: true,
    place: { prefix: 'cond_stage_model.model.', naming: 'ldm' },
    kohya: 'lora_te',
  },
  modelspec: 'stable-diffusion-v2',
}
