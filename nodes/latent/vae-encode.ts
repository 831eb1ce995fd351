import { defineNode } from '../kit/define-node.ts'
import { encoded } from '../kit/encoded.ts'
import { choice, image, latent, seed, vae } from '../kit/ports.ts'
import { tilesFor, tiling } from './tiling.ts'

export default defineNode({
  type: 'vae-encode',
  version: 1,
  category: 'latent',
  title: 'VAE Encode',
  description: 'Turns a picture into a latent, the start of image to image.',
  docs: `
Link it to the latent of a Sampler and lower the strength there. Pictures whose sides are no multiples of 8 lose up to 7
pixels at the edges.
`,
  inputs: {
    vae: vae({ description: 'The VAE of the Checkpoint that will draw.' }),
    image: image({ description: 'The picture to start from.' }),
    posterior: choice({
      default: 'mean',
      options: { mean: 'Mean', sample: 'Sample' },
      advanced: true,
      description:
        'The VAE gives a small cloud of latents. The mean is its middle and always the same; sample draws one with the seed below, as diffusers does.',
    }),
    seed: seed({
      advanced: true,
      description: 'The seed that a sample is drawn with, from 0 to 2^64 - 1; the mean does not use it.',
    }),
    ...tiling,
  },
  outputs: { latent: latent({ description: 'For the latent input of a Sampler.' }) },
  infer: ({ vae, image }) => ({ latent: encoded(vae, image) }),
  lower: (plan, { vae, image, posterior, seed, ...options }, types) => ({
    // The mean is one step whatever the seed is.
    latent: plan.vaeEncode(
      vae,
      image,
      { posterior, seed: posterior === 'mean' ? '0' : seed },
      tilesFor(options, types.image),
    ),
  }),
})
