import { defineNode } from '../kit/define-node.ts'
import { otherFamily, sharesLatents } from '../kit/family.ts'
import { clip, model, vae } from '../kit/ports.ts'
import { savedAs, saving } from './saving.ts'

export default defineNode({
  type: 'save-checkpoint',
  version: 1,
  category: 'models',
  title: 'Save Checkpoint',
  description: 'Writes a model, with what LoRAs and merges made of it, as one checkpoint file.',
  docs: `
The file has the layout that other programs read too, and tells in its metadata how it was made: every source with its hash, every
strength and ratio. It appears beside the pictures; move it into a model folder to load it.

Without a text encoder or a VAE the file holds the model alone, and the Checkpoint node gives just that.
`,
  inputs: {
    model: model({ description: 'The model to save.' }),
    clip: clip({ optional: true, description: 'The text encoder to save with it.' }),
    vae: vae({ optional: true, description: 'The VAE to save with it.' }),
    ...saving,
  },
  outputs: {},
  effect: true,
  infer: () => ({}),
  check: ({ model, clip, vae }) =>
    otherFamily(model, { clip, vae: vae && !sharesLatents(vae.family, model.family) ? vae : undefined }),
  lower: (plan, { model, clip, vae, ...options }) => {
    plan.saveCheckpoint({ model, ...(clip && { clip }), ...(vae && { vae }) }, savedAs(options))
    return {}
  },
})
