import { defineNode } from '../kit/define-node.ts'
import { nothing, otherFamily } from '../kit/family.ts'
import { clip, float, model } from '../kit/ports.ts'

export default defineNode({
  type: 'merge-models',
  version: 1,
  category: 'models',
  title: 'Merge Models',
  description: 'Mixes two models of one family into one that can be drawn with at once.',
  docs: `
Every weight becomes \`(1 - ratio) * first + ratio * second\`, LoRAs on either side included. Link the result into a Sampler to try
it: nothing is written. Link it into Save Checkpoint to keep it.

Near 0 or 1 one model hints at the other; around 0.5 both are in the picture. To mix only the look, leave the text encoders open and
take the one of the first model for the prompt.
`,
  inputs: {
    first: model({ description: 'The model at ratio 0.' }),
    second: model({ description: 'The model at ratio 1, of the same family and size.' }),
    firstClip: clip({
      optional: true,
      label: 'First CLIP',
      description: 'The text encoder at ratio 0, if text encoders are mixed too.',
    }),
    secondClip: clip({ optional: true, label: 'Second CLIP', description: 'The text encoder at ratio 1.' }),
    ratio: float({
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.05,
      description: 'How much of the second model there is: 0 is the first alone, 1 the second alone.',
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
    model: plan.merge(first, second, ratio),
    clip: firstClip && secondClip ? plan.merge(firstClip, secondClip, ratio) : (firstClip ?? secondClip),
  }),
})
