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
  description: 'Opens a VAE from a file of its own, to turn latents into pictures and back.',
  docs: `
Some VAEs give finer eyes or truer colours than the one in a checkpoint. SDXL's is often replaced by one that can run in
half precision. TAESD and TAESDXL are tiny VAEs for drafts.

The VAEs of SD1.x and SDXL have the same shape. Only a file name such as \`sdxl_vae.safetensors\`, or the settings in a
diffusers folder, identify the family. For any other SDXL VAE, set the scaling to SDXL.
`,
  inputs: {
    file: file({
      kind: 'vae',
      accept: ['.safetensors'],
      description: 'The VAE file, by its name in one of the model folders. Of a whole checkpoint, the VAE is taken.',
    }),
    scaling: { ...vaeScaling, advanced: false, label: 'Scaling' },
  },
  outputs: { vae: vae({ description: 'Converts pictures to latents and back, for VAE Encode and VAE Decode.' }) },
  infer: ({ file: { name }, scaling }, facts) => ({
    vae: { kind: 'vae', family: chosenFamily(scaling) ?? factOf(facts, 'vae', name)?.family ?? UNKNOWN },
  }),
  lower: (plan, { file, scaling }) => ({ vae: plan.step('vae', {}, { file, ...scalingOf(scaling) }) }),
})
