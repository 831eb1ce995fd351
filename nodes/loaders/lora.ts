import { factOf } from '#core/types/facts.ts'
import { defineNode } from '../kit/define-node.ts'
import { withAdapter } from '../kit/distilled.ts'
import { nothing, otherFamily } from '../kit/family.ts'
import { clip, file, float, model } from '../kit/ports.ts'

const range = { default: 1, min: -100, max: 100, step: 0.05 }

export default defineNode({
  type: 'lora',
  version: 1,
  category: 'loaders',
  title: 'LoRA',
  description: 'Adds a LoRA to a model: a style, a subject, or the speed of an LCM-LoRA.',
  docs: `
A LoRA is a small file that changes a model. Put several LoRA nodes in a row to add several; their order does not matter, since
the weights are sums: \`W + strength * (alpha / rank) * up * down\`.

An LCM-LoRA at strength 1 makes nearly every checkpoint of its family draw in 4 steps; a style LoRA beside it is usually best at
0.6 to 0.8. LoCon, LoHa, LoKr, DoRA, GLoRA and full differences go in here too, as kohya, PEFT, diffusers and LyCORIS write them.
`,
  inputs: {
    model: model({ description: 'The model that is changed.' }),
    clip: clip({ optional: true, description: 'The text encoder, if the LoRA changes it too; LCM-LoRAs do not.' }),
    file: file({
      kind: 'lora',
      accept: ['.safetensors'],
      description: 'The LoRA file, by its name in one of the model folders.',
    }),
    modelStrength: float({
      ...range,
      description:
        'How much of the LoRA the model gets: 0 none, 1 as it was trained, below 0 the opposite. -100 to 100 can be typed; outside of -2 to 2 pictures break.',
    }),
    clipStrength: float({
      ...range,
      advanced: true,
      description:
        'How much of the LoRA the text encoder gets, -100 to 100 like the model; without a linked text encoder it does nothing.',
    }),
  },
  outputs: {
    model: model({ description: 'The changed model.' }),
    clip: clip({ optional: true, description: 'The changed text encoder.' }),
  },
  infer: ({ model, clip, file, modelStrength }, facts) => ({
    model: withAdapter(model, factOf(facts, 'lora', file.name), modelStrength),
    clip: clip ?? nothing('no text encoder is linked into the LoRA node'),
  }),
  check: ({ model, clip, file }, facts) => otherFamily(model, { file: factOf(facts, 'lora', file.name), clip }),
  lower: (plan, { model, clip, file, modelStrength, clipStrength }) => ({
    model: plan.applyLora(model, { file, strength: modelStrength }),
    clip: clip && plan.applyLora(clip, { file, strength: clipStrength }),
  }),
})
