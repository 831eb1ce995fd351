import { defineNode } from '../kit/define-node.ts'
import { otherFamily } from '../kit/family.ts'
import { int, model } from '../kit/ports.ts'
import { adviseOnPrefix } from '../kit/prefix.ts'
import { declared, saving } from './saving.ts'

export default defineNode({
  type: 'extract-lora',
  version: 1,
  category: 'models',
  title: 'Extract LoRA',
  description: 'Writes the difference between a model and its base as a LoRA file.',
  docs: `
The LoRA is the best approximation, at its rank, of a fine-tuned checkpoint minus the model that it was trained from.
Use it to apply the style to another model of the family. It also turns other kinds of adapters into a plain LoRA.

It takes a few minutes. A rank of 32 to 64 keeps a style, 128 nearly all of it. Norms, biases and the text encoder are
left out.
`,
  inputs: {
    model: model({ description: 'The fine-tuned model.' }),
    base: model({ description: 'The model that it was trained from, of the same family and size.' }),
    rank: int({
      default: 64,
      min: 1,
      max: 512,
      description: 'How much the LoRA can hold, 1 to 512. The file grows with it.',
    }),
    ...saving,
  },
  outputs: {},
  effect: true,
  infer: () => ({}),
  advise: (_types, _facts, { prefix }) => adviseOnPrefix(prefix),
  check: ({ model, base }) => otherFamily(model, { base }),
  lower: (plan, { model, base, rank, ...options }, types) => {
    const distilled = types.base.distilled ? {} : declared(types.model)
    plan.step('extract-lora', { model, base }, { ...options, rank, ...distilled })
    return {}
  },
})
