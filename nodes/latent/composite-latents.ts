import { vaeScaleFactor } from '#core/families/family.ts'
import { maxLatentSide } from '#core/plan/latent-edit.ts'
import { defineNode } from '../kit/define-node.ts'
import { int, latent } from '../kit/ports.ts'

const pixels = { default: 0, min: 0, max: maxLatentSide, multipleOf: vaeScaleFactor }
const limits = `A multiple of ${vaeScaleFactor} up to ${maxLatentSide}.`

export default defineNode({
  type: 'composite-latents',
  version: 1,
  category: 'latent',
  title: 'Composite Latents',
  description: 'Puts one latent on top of another.',
  docs: `
Use it to put a separately generated part into a larger picture, or a figure on a background. Parts outside are cut off.
A Sampler with a low strength after it hides the edges. Feathering hides them too.
`,
  inputs: {
    first: latent({ label: 'Below', description: 'The latent below. The result has its size and its mask.' }),
    second: latent({ label: 'On top', description: 'The latent on top.' }),
    x: int({ ...pixels, description: `Distance from the left edge to the top latent in pixels. ${limits}` }),
    y: int({ ...pixels, description: `Distance from the top edge to the top latent in pixels. ${limits}` }),
    feather: int({
      ...pixels,
      description: `Over how many pixels the edges of the top latent fade. Edges on the border of the bottom latent do not fade. ${limits}`,
    }),
  },
  outputs: { latent: latent({ description: 'Both as one latent, for a Sampler or a VAE Decode.' }) },
  infer: ({ first }) => ({ latent: first }),
  lower: (plan, { first, second, ...place }) => ({
    latent: plan.step('combine-latents', { first, second }, { how: { kind: 'composite', ...place } }),
  }),
})
