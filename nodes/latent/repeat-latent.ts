import { defineNode } from '../kit/define-node.ts'
import { int, latent } from '../kit/ports.ts'

export default defineNode({
  type: 'repeat-latent',
  version: 1,
  category: 'latent',
  title: 'Repeat Latent',
  description: 'Makes a batch of copies of a latent, to sample several at once.',
  docs: `
Use it for several variations of one start. Link an encoded picture or an inpainting latent here; the Sampler after it
gives each copy its own noise. Time and memory grow with the number of copies.
`,
  inputs: {
    latent: latent({ description: 'The latent or batch to repeat.' }),
    count: int({ default: 4, min: 1, max: 64, description: 'The total number of copies, from 1 to 64.' }),
  },
  outputs: { latent: latent({ description: 'The batch, for the latent input of a Sampler.' }) },
  infer: ({ latent }) => ({ latent }),
  lower: (plan, { latent, count }) => ({
    latent: plan.step('edit-latent', { latent }, { edit: { kind: 'repeat', count } }),
  }),
})
