import { defineNode } from '../kit/define-node.ts'
import { otherLatents, unsureScaling } from '../kit/family.ts'
import { image, latent, vae } from '../kit/ports.ts'
import { tilesFor, tiling } from './tiling.ts'

export default defineNode({
  type: 'vae-decode',
  version: 1,
  category: 'latent',
  title: 'VAE Decode',
  description: 'Turns a latent into a picture.',
  docs: `
The last step before a picture can be seen or saved. Use the VAE of the checkpoint that drew the latent; another one of the same
family works too and changes the colours a little. A TAESD as VAE decodes drafts many times as fast.

Large pictures are decoded in tiles, which take less memory.
`,
  inputs: {
    vae: vae({ description: 'The VAE of a Checkpoint.' }),
    latent: latent({ description: 'The latent that a Sampler drew.' }),
    ...tiling,
  },
  outputs: { image: image({ description: 'The picture, for Save Image.' }) },
  infer: ({ latent: { width, height } }) => ({ image: { kind: 'image', width, height } }),
  check: ({ vae, latent }) => otherLatents(vae, latent),
  advise: ({ vae, latent }) => unsureScaling(vae.family, latent.family, 'vae'),
  lower: (plan, { vae, latent, ...options }, types) => ({
    image: plan.vaeDecode(vae, latent, tilesFor(options, types.latent)),
  }),
})
