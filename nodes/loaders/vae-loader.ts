import { factOf } from '#core/types/facts.ts'
import { UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { file, vae } from '../kit/ports.ts'
import { chosenFamily, scalingOf, vaeScaling } from './vae-scaling.ts'

export default defineNode({
  type: 'vae-loader',
  version: 1,
  category: 'loaders',
  title: 'Load VAE',
  description: 'Opens a VAE that comes as a file of its own, to turn latents into pictures and back.',
  docs: `
Some VAEs draw finer eyes or truer colours than the one in a checkpoint; SDXL's is often replaced by one that can be run in half
precision. TAESD and TAESDXL are tiny ones for drafts.

The VAEs of SD1.x and SDXL have the same shape, so only a name such as \`sdxl_vae.safetensors\`, or the settings in a diffusers folder, tell
which it is. For another VAE of SDXL, set the scaling to SDXL.
`,
  inputs: {
    file: file({
      kind: 'vae',
      accept: ['.safetensors'],
      description: 'The VAE file, by its name in one of the model folders; of a whole checkpoint the VAE is taken.',
    }),
    scaling: { ...vaeScaling, advanced: false, label: 'Scaling' },
  },
  outputs: { vae: vae({ description: 'Turns pictures into latents and back, for VAE Encode and VAE Decode.' }) },
  infer: ({ file: { name }, scaling }, facts) => ({
    vae: { kind: 'vae', family: chosenFamily(scaling) ?? factOf(facts, 'vae', name)?.family ?? UNKNOWN },
  }),
  lower: (plan, { file, scaling }) => ({ vae: plan.vae({ file, ...scalingOf(scaling) }) }),
})
