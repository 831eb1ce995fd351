import { defineNode } from '../kit/define-node.ts'
import { encoded } from '../kit/encoded.ts'
import { image, int, latent, mask, vae } from '../kit/ports.ts'

export default defineNode({
  type: 'inpaint-latent',
  version: 1,
  category: 'latent',
  title: 'Inpaint',
  description: 'Turns a picture and a mask into a latent of which only the masked part is drawn.',
  docs: `
Works with every model. At strength 1 the hole is drawn from noise alone; lower strengths keep more of what was there. Models made
for inpainting (9 channels) are shown the surroundings and fit the hole in best; others are held to them at every step.

The mask decides for whole cells of 8 x 8 pixels: its upper left pixel counts, 1 from one half on. The VAE changes the rest of the
picture a little; to keep it exactly, lay the result on the picture with Composite Images and the same mask.
`,
  inputs: {
    vae: vae({ description: 'The VAE of the Checkpoint that will draw.' }),
    image: image({ description: 'The picture to change.' }),
    mask: mask({ description: 'Where to draw: 1 anew, 0 keep. It is scaled to the size of the picture.' }),
    grow: int({
      default: 8,
      min: 0,
      max: 256,
      description:
        'Pixels by which the mask grows to every side, so that no edge of the old shows: 0 to 256. 8 is one cell of the latent.',
    }),
  },
  outputs: { latent: latent({ description: 'For the latent input of a Sampler.' }) },
  infer: ({ vae, image }) => ({ latent: encoded(vae, image) }),
  lower: (plan, { grow, ...of }) => ({ latent: plan.inpaint(of, grow) }),
})
