import { defineNode } from '../kit/define-node.ts'
import { int, latent } from '../kit/ports.ts'

export default defineNode({
  type: 'pick-latent',
  version: 1,
  category: 'latent',
  title: 'Pick Latent',
  description: 'Takes latents out of a batch.',
  docs: `
Generate a small, fast batch, then pick the best for a high-resolution fix. Put it before the Sampler of the batch to
generate only the picked picture, from the noise that it had in the batch.
`,
  inputs: {
    latent: latent({ description: 'The batch.' }),
    first: int({
      default: 1,
      min: 1,
      max: 4096,
      label: 'First picture',
      description: 'The number of the first picture to take, counted from 1, up to 4096.',
    }),
    count: int({
      default: 1,
      min: 1,
      max: 4096,
      advanced: true,
      description: 'How many consecutive pictures to take, up to 4096.',
    }),
  },
  outputs: { latent: latent({ description: 'The picked latents, as a smaller batch.' }) },
  infer: ({ latent }) => ({ latent }),
  lower: (plan, { latent, first, count }) => ({
    latent: plan.step('edit-latent', { latent }, { edit: { kind: 'pick', index: first - 1, count } }),
  }),
})
