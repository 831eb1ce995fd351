import { defineNode } from '../kit/define-node.ts'
import { latent, mask } from '../kit/ports.ts'

export default defineNode({
  type: 'set-noise-mask',
  version: 1,
  category: 'latent',
  title: 'Set Noise Mask',
  description: 'Lets a Sampler redraw part of a latent and keep the rest.',
  docs: `
It works with any model: at every step the Sampler restores everything outside the mask. A soft edge blends. Lower the
strength of the Sampler to stay closer to the original. To fill a hole in a picture, use Inpaint, which also supports
inpainting models.
`,
  inputs: {
    latent: latent({ description: 'The latent to redraw in part, from a VAE Encode or a Sampler.' }),
    mask: mask({ description: 'Where to redraw: 1 fully, 0 not at all. It is scaled to the size of the latent.' }),
  },
  outputs: { latent: latent({ description: 'For the latent input of a Sampler.' }) },
  infer: ({ latent }) => ({ latent }),
  lower: (plan, { latent, mask }) => ({ latent: plan.step('set-noise-mask', { latent, mask }, {}) }),
})
