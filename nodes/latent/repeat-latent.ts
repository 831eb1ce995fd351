import { defineNode } from '../kit/define-node.ts'
import { int, latent } from '../kit/ports.ts'

export default defineNode({
  type: 'repeat-latent',
  version: 1,
  category: 'latent',
  title: 'Repeat Latent',
  description: 'Makes a batch of copies of a latent, to be drawn several times at once.',
  docs: `
For several variations of one start: link an encoded picture or an inpainting latent here, and a Sampler behind it draws each copy
from noise of its own. Time and memory grow with the number of copies.
`,
  inputs: {
    latent: latent({ description: 'The latent, or the batch, to repeat.' }),
    count: int({ default: 4, min: 1, max: 64, description: 'How often it is there in the end, from 1 to 64 times.' }),
  },
  outputs: { latent: latent({ description: 'The batch, for the latent input of a Sampler.' }) },
  infer: ({ latent }) => ({ latent }),
  lower: (plan, { latent, count }) => ({ latent: plan.editLatent(latent, { kind: 'repeat', count }) }),
})
