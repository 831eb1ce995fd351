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
What is in one batch is drawn at once, with one prompt, each picture from noise of its own. Chain several of these for more than two
latents.
`,
  inputs: {
    first: latent({ description: 'What comes first in the batch.' }),
    second: latent({ description: 'What comes behind it, of the same size.' }),
  },
  outputs: { latent: latent({ description: 'Both, as one batch.' }) },
  infer: ({ first }) => ({ latent: first }),
  check: ({ first, second }) => sizeFault(first, second, 'latent'),
  lower: (plan, { first, second }) => ({ latent: plan.combineLatents(first, second, { kind: 'join' }) }),
})
