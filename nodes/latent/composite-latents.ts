import { cellSize, maxLatentSide } from '#core/plan/latent-edit.ts'
import { defineNode } from '../kit/define-node.ts'
import { int, latent } from '../kit/ports.ts'

const pixels = { default: 0, min: 0, max: maxLatentSide, multipleOf: cellSize }
const limits = `A multiple of ${cellSize} up to ${maxLatentSide}.`

export default defineNode({
  type: 'composite-latents',
  version: 1,
  category: 'latent',
  title: 'Composite Latents',
  description: 'Lays one latent on another.',
  docs: `
For putting a part that was drawn by itself into a larger picture, or a figure before a background. What sticks out is cut off. A
Sampler with a low strength behind it makes the edges vanish; so does some feathering.
`,
  inputs: {
    first: latent({ label: 'Below', description: 'The latent that is laid on; the result has its size and its mask.' }),
    second: latent({ label: 'On top', description: 'The latent that lies on it.' }),
    x: int({ ...pixels, description: `Pixels from the left edge to the upper latent. ${limits}` }),
    y: int({ ...pixels, description: `Pixels from the upper edge to the upper latent. ${limits}` }),
    feather: int({
      ...pixels,
      description: `Over how many pixels the edges of the upper latent fade; those at the rim of the lower one do not. ${limits}`,
    }),
  },
  outputs: { latent: latent({ description: 'Both as one, for a Sampler or a VAE Decode.' }) },
  infer: ({ first }) => ({ latent: first }),
  lower: (plan, { first, second, ...place }) => ({
    latent: plan.combineLatents(first, second, { kind: 'composite', ...place }),
  }),
})
