import { inpaint } from '#core/plan/composites.ts'
import { defineNode } from '../kit/define-node.ts'
import { encoded } from '../kit/encoded.ts'
import { image, int, latent, mask, vae } from '../kit/ports.ts'

export default defineNode({
  type: 'inpaint-latent',
  version: 1,
  category: 'latent',
  title: 'Inpaint',
  description: 'Turns a picture and a mask into a latent in which only the masked part is redrawn.',
  docs: `
It works with every model. At strength 1 the masked area starts from noise alone. Lower strengths keep more of the old
content. Inpainting models (9 channels) see the surroundings and give the best fit. For other models, the Sampler
restores the surroundings at every step.

The mask works on cells of 8 x 8 pixels. The top left pixel of a cell decides: from 0.5 on it counts as 1. The VAE
changes the rest of the picture slightly. To keep it exactly, put the result on the original with Composite Images and
the same mask.
`,
  inputs: {
    vae: vae({ description: 'The VAE of the Checkpoint that the Sampler uses.' }),
    image: image({ description: 'The picture to change.' }),
    mask: mask({ description: 'Where to redraw: 1 redraws, 0 keeps. It is scaled to the size of the picture.' }),
    grow: int({
      default: 8,
      min: 0,
      max: 256,
      description:
        'How many pixels the mask grows on every side, so that no old edges remain: 0 to 256. One cell of the latent is 8 pixels.',
    }),
  },
  outputs: { latent: latent({ description: 'For the latent input of a Sampler.' }) },
  infer: ({ vae, image }) => ({ latent: encoded(vae, image) }),
  lower: (plan, { grow, ...of }) => ({ latent: inpaint(plan, of, grow) }),
})
