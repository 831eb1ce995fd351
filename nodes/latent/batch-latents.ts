import { sizeFault } from '#core/plan/sizes.ts'
import { defineNode } from '../kit/define-node.ts'
import { latent } from '../kit/ports.ts'

export default defineNode({
  type: 'batch-latents',
  version: 1,
  category: 'latent',
  title: 'Batch Latents',
  description: 'Puts latents of one size into one batch.',
  docs: `
The Sampler processes a batch at once, with one prompt. Each picture gets its own noise. Chain several of these nodes
for more than two latents.
`,
  inputs: {
    first: latent({ description: 'The first latent of the batch.' }),
    second: latent({ description: 'The latent after it, of the same size.' }),
  },
  outputs: { latent: latent({ description: 'Both latents, as one batch.' }) },
  infer: ({ first }) => ({ latent: first }),
  check: ({ first, second }) => sizeFault(first, second, 'latent'),
  lower: (plan, { first, second }) => ({
    latent: plan.step('combine-latents', { first, second }, { how: { kind: 'join' } }),
  }),
})
