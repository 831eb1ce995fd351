import { factOf } from '#core/types/facts.ts'
import { defineNode } from '../kit/define-node.ts'
import { adviseOnAdapter, distillation, distilledBy, withAdapter } from '../kit/distilled.ts'
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
A LoRA is a small file that changes a model. To add several, put several LoRA nodes in a row. Their order does not
matter, because the weights are sums: \`W + strength * (alpha / rank) * up * down\`.

With an LCM-LoRA at strength 1, nearly every checkpoint of its family generates in 4 steps. A style LoRA beside it
usually works best at 0.6 to 0.8. The node also takes LoCon, LoHa, LoKr, DoRA, GLoRA and full differences, in the
formats of kohya, PEFT, diffusers and LyCORIS.
`,
  inputs: {
    model: model({ description: 'The model to change.' }),
    clip: clip({ optional: true, description: 'The text encoder, if the LoRA changes it too. LCM-LoRAs do not.' }),
    file: file({
      kind: 'lora',
      accept: ['.safetensors'],
      description: 'The LoRA file, by its name in one of the model folders.',
    }),
    modelStrength: float({
      ...range,
      description:
        'How much of the LoRA the model gets: 0 none, 1 as it was trained, below 0 the opposite. You can type -100 to 100; outside of -2 to 2 pictures break.',
    }),
    clipStrength: float({
      ...range,
      advanced: true,
      description:
        'How much of the LoRA the text encoder gets, -100 to 100. It does nothing if no text encoder is linked.',
    }),
    distillation,
  },
  outputs: {
    model: model({ description: 'The changed model.' }),
    clip: clip({ optional: true, description: 'The changed text encoder.' }),
  },
  infer: ({ model, clip, file, modelStrength, distillation }, facts) => ({
    model: withAdapter(model, distilledBy(factOf(facts, 'lora', file.name)?.distillation, distillation), modelStrength),
    clip: clip ?? nothing('no text encoder is linked into the LoRA node'),
  }),
  check: ({ model, clip, file }, facts) => otherFamily(model, { file: factOf(facts, 'lora', file.name), clip }),
  advise: ({ clip, file, distillation }, facts) =>
    adviseOnAdapter(file.name, factOf(facts, 'lora', file.name), { clip, distillation }),
  lower: (plan, { model, clip, file, modelStrength, clipStrength }) => ({
    model: plan.step('apply-lora', { target: model }, { file, strength: modelStrength }),
    clip: clip && plan.step('apply-lora', { target: clip }, { file, strength: clipStrength }),
  }),
})
