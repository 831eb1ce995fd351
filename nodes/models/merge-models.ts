import { defineNode } from '../kit/define-node.ts'
import { nothing, otherFamily } from '../kit/family.ts'
import { clip, float, model } from '../kit/ports.ts'

export default defineNode({
  type: 'merge-models',
  version: 1,
  category: 'models',
  title: 'Merge Models',
  description: 'Mixes two models of one family into one that you can sample from directly.',
  docs: `
Every weight becomes \`(1 - ratio) * first + ratio * second\`, including the LoRAs on either side. Link the result into
a Sampler to try it; nothing is written. Link it into Save Checkpoint to keep it.

Near 0 or 1, one model adds only a hint. Around 0.5, both are visible. To mix only the look, leave the text encoder
inputs open and use the text encoder of the first model for the prompt.
`,
  inputs: {
    first: model({ description: 'The model at ratio 0.' }),
    second: model({ description: 'The model at ratio 1, of the same family and size.' }),
    firstClip: clip({
      optional: true,
      label: 'First CLIP',
      description: 'The text encoder at ratio 0, if you also mix text encoders.',
    }),
    secondClip: clip({ optional: true, label: 'Second CLIP', description: 'The text encoder at ratio 1.' }),
    ratio: float({
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.05,
      description: 'The share of the second model: 0 is only the first, 1 is only the second.',
    }),
  },
  outputs: {
    model: model({ description: 'The mixed model.' }),
    clip: clip({
      optional: true,
      label: 'CLIP',
      description: 'The mixed text encoder, or the only one that is linked.',
    }),
  },
  infer: ({ first, firstClip, secondClip }) => ({
    model: first,
    clip: firstClip ?? secondClip ?? nothing('no text encoder is linked into the Merge Models node'),
  }),
  check: ({ first, second, firstClip, secondClip }) => otherFamily(first, { second, firstClip, secondClip }),
  lower: (plan, { first, second, firstClip, secondClip, ratio }) => ({
    model: plan.step('merge', { target: first, other: second }, { share: ratio }),
    clip:
      firstClip && secondClip
        ? plan.step('merge', { target: firstClip, other: secondClip }, { share: ratio })
        : (firstClip ?? secondClip),
  }),
})
