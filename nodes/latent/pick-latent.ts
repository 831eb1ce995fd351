import { defineNode } from '../kit/define-node.ts'
import { int, latent } from '../kit/ports.ts'

export default defineNode({
  type: 'pick-latent',
  version: 1,
  category: 'latent',
  title: 'Pick Latent',
  description: 'Takes single pictures out of a batch.',
  docs: `
Draw a batch small and fast, then pick the best of it for a high-resolution fix. Put before the Sampler that draws the batch, it
draws the picked picture alone, from the noise that it had in the batch.
`,
  inputs: {
    latent: latent({ description: 'The batch.' }),
    first: int({
      default: 1,
      min: 1,
      max: 4096,
      label: 'First picture',
      description: 'The number of the first picture to take; counted from 1, up to 4096.',
    }),
    count: int({
      default: 1,
      min: 1,
      max: 4096,
      advanced: true,
      description: 'How many pictures to take, one after the other, up to 4096.',
    }),
  },
  outputs: { latent: latent({ description: 'What was picked, as a smaller batch.' }) },
  infer: ({ latent }) => ({ latent }),
  lower: (plan, { latent, first, count }) => ({
    latent: plan.editLatent(latent, { kind: 'pick', index: first - 1, count }),
  }),
})
