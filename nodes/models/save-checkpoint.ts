import { defineNode } from '../kit/define-node.ts'
import { otherFamily, sharesLatents } from '../kit/family.ts'
import { clip, model, vae } from '../kit/ports.ts'
import { adviseOnPrefix } from '../kit/prefix.ts'
import { declared, saving } from './saving.ts'

export default defineNode({
  type: 'save-checkpoint',
  version: 1,
  category: 'models',
  title: 'Save Checkpoint',
  description: 'Writes a model, with its LoRAs and merges applied, as one checkpoint file.',
  docs: `
Other programs can read the layout of the file. Its metadata records how it was made: every source with its hash, and
every strength and ratio. The file appears beside the pictures. Move it into a model folder to load it.

Without a text encoder or a VAE, the file holds only the model, and the Checkpoint node gives only that.
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
  advise: (_types, _facts, { prefix }) => adviseOnPrefix(prefix),
  check: ({ model, clip, vae }) =>
    otherFamily(model, { clip, vae: vae && !sharesLatents(vae.family, model.family) ? vae : undefined }),
  lower: (plan, { model, clip, vae, ...options }, types) => {
    plan.step('save-checkpoint', { model, clip, vae }, { ...options, ...declared(types.model) })
    return {}
  },
})
