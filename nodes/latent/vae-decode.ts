import { vaeDecode } from '#core/plan/composites.ts'
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
This is the last step before you can view or save a picture. Use the VAE of the checkpoint that the Sampler used.
Another VAE of the same family works too, with slightly different colours. With a TAESD as the VAE, drafts decode many
times as fast.

Large pictures are decoded in tiles, which take less memory.
`,
  inputs: {
    vae: vae({ description: 'The VAE of a Checkpoint.' }),
    latent: latent({ description: 'The latent from a Sampler.' }),
    ...tiling,
  },
  outputs: { image: image({ description: 'The picture, for Save Image.' }) },
  infer: ({ latent: { width, height } }) => ({ image: { kind: 'image', width, height } }),
  check: ({ vae, latent }) => otherLatents(vae, latent),
  advise: ({ vae, latent }) => unsureScaling(vae.family, latent.family, 'vae'),
  lower: (plan, { vae, latent, ...options }, types) => ({
    image: vaeDecode(plan, vae, latent, tilesFor(options, types.latent)),
  }),
})
