import { defineNode } from '../kit/define-node.ts'
import { otherFamily } from '../kit/family.ts'
import { clip, model } from '../kit/ports.ts'
import { adviseOnPrefix } from '../kit/prefix.ts'
import { declared, saving } from './saving.ts'

export default defineNode({
  type: 'save-lora',
  version: 1,
  category: 'models',
  title: 'Save LoRA',
  description: 'Writes the sum of all LoRAs on a model as one LoRA file.',
  docs: `
Put the LoRAs on a model with LoRA or LoRA Stack nodes, at the strengths that you like, and link the result here. At
strength 1 the new file does what all of them do together. For example, a style LoRA and an LCM-LoRA become one LoRA
that generates this style in 4 steps.

The sum is exact. Its rank is the sum of the ranks of its parts, and its size grows with it. Adapters without a rank are
refused.
`,
  inputs: {
    model: model({ description: 'The model with the LoRAs on it.' }),
    clip: clip({
      optional: true,
      description: 'The text encoder with the LoRAs on it. If it is not linked, their text encoder part is left out.',
    }),
    ...saving,
  },
  outputs: {},
  effect: true,
  infer: () => ({}),
  advise: (_types, _facts, { prefix }) => adviseOnPrefix(prefix),
  check: ({ model, clip }) => otherFamily(model, { clip }),
  lower: (plan, { model, clip, ...options }, types) => {
    plan.step('save-lora', { model, clip }, { ...options, ...declared(types.model) })
    return {}
  },
})
