import { vaeEncode } from '#core/plan/composites.ts'
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
Link it to the latent input of a Sampler and lower the strength there. Pictures whose sides are not multiples of 8 lose
up to 7 pixels at the edges.
`,
  inputs: {
    vae: vae({ description: 'The VAE of the Checkpoint that the Sampler uses.' }),
    image: image({ description: 'The picture to start from.' }),
    posterior: choice({
      default: 'mean',
      options: { mean: 'Mean', sample: 'Sample' },
      advanced: true,
      description:
        'The VAE gives a distribution of latents. Mean takes its mean, which is always the same. Sample draws one latent with the seed below, as diffusers does.',
    }),
    seed: seed({
      advanced: true,
      description: 'The seed for Sample, from 0 to 2^64 - 1. Mean does not use it.',
    }),
    ...tiling,
  },
  outputs: { latent: latent({ description: 'For the latent input of a Sampler.' }) },
  infer: ({ vae, image }) => ({ latent: encoded(vae, image) }),
  lower: (plan, { vae, image, posterior, seed, ...options }, types) => ({
    // The mean is one step whatever the seed is.
    latent: vaeEncode(
      plan,
      { vae, image },
      { posterior, seed: posterior === 'mean' ? '0' : seed },
      tilesFor(options, types.image),
    ),
  }),
})
