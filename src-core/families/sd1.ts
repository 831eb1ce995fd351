import type { BuiltFamily } from './family.ts'
import { clipL, last } from './towers.ts'

export const sd1: BuiltFamily = {
  title: 'Stable Diffusion 1.x',
  name: 'SD1.x',
  // the oldest family takes every file that no other family matches
  matches: () => true,
  latents: {
    channels: 4,
    scaling: 0.18215,
    rgbFactors: [
      [0.1756, 0.11485, 0.16135],
      [0.1625, 0.2487, 0.1175],
      [-0.14145, 0.0881, 0.13605],
      [-0.106, -0.1308, -0.35885],
      [0.5, 0.5, 0.5],
    ],
    tinyDecoders: ['vae_approx/taesd_decoder.safetensors', 'vae_approx/taesd.safetensors'],
  },
  vaeNames: { full: /sd-?v?(1|2|-vae)|ft-(mse|ema)|kl-f8/i, tiny: /taesd(?![-_]?[0-9])/i },
  contextWidth: 768,
  heads: () => 8,
  prediction: 'epsilon',
  pictureSize: { epsilon: 512, v_prediction: 512, sample: 512 },
  zeroForNoText: false,
  textEncoder: {
    ...clipL,
    skip: last,
    finalNorm: true,
    place: { prefix: 'cond_stage_model.transformer.', naming: 'diffusers' },
    kohya: 'lora_te',
  },
  modelspec: 'stable-diffusion-v1',
}
