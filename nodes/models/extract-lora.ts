import { defineNode } from '../kit/define-node.ts'
import { otherFamily } from '../kit/family.ts'
import { int, model } from '../kit/ports.ts'
import { savedAs, saving } from './saving.ts'

export default defineNode({
  type: 'extract-lora',
  version: 1,
  category: 'models',
  title: 'Extract LoRA',
  description: 'Writes what a model has and its base has not as a LoRA file.',
  docs: `
A fine-tuned checkpoint minus the model that it was trained from, as near as a LoRA of that rank can be. On another model of the
family it carries the style over; adapters that are no plain LoRAs become one this way too.

It takes a few minutes. A rank of 32 to 64 keeps a style, 128 nearly all of it. Norms, biases and the text encoder are left out.
`,
  inputs: {
    model: model({ description: 'The model that has what is wanted.' }),
    base: model({ description: 'The model that it came from, of the same family and size.' }),
    rank: int({
      default: 64,
      min: 1,
      max: 512,
      description: 'How much the LoRA can hold, 1 to 512; the file grows with it.',
    }),
    ...saving,
  },
  outputs: {},
  effect: true,
  infer: () => ({}),
  check: ({ model, base }) => otherFamily(model, { base }),
  lower: (plan, { model, base, rank, ...options }) => {
    plan.extractLora({ model, base }, { ...savedAs(options), rank })
    return {}
  },
})
