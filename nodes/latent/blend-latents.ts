import { sizeFault } from '#core/plan/sizes.ts'
import { defineNode } from '../kit/define-node.ts'
import { float, latent } from '../kit/ports.ts'

export default defineNode({
  type: 'blend-latents',
  version: 1,
  category: 'latent',
  title: 'Blend Latents',
  description: 'Mixes two latents of one size.',
  docs: `
Decoded directly, the mixture looks like a double exposure. A Sampler with a strength of about 0.6 turns it into one
picture with parts of both.
`,
  inputs: {
    first: latent({ description: 'The first latent. The result keeps its mask.' }),
    second: latent({ description: 'The second latent, of the same size.' }),
    amount: float({
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.05,
      description: 'The share of the second latent: 0 is only the first, 1 is only the second.',
    }),
  },
  outputs: { latent: latent({ description: 'The mixture.' }) },
  infer: ({ first }) => ({ latent: first }),
  check: ({ first, second }) => sizeFault(first, second, 'latent'),
  lower: (plan, { first, second, amount }) => ({
    latent: plan.step('combine-latents', { first, second }, { how: { kind: 'blend', amount } }),
  }),
})
