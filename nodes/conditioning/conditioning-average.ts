import { defineNode } from '../kit/define-node.ts'
import { conditioning, float } from '../kit/ports.ts'
import { checkPair, inferPair } from './pair.ts'

export default defineNode({
  type: 'conditioning-average',
  version: 1,
  category: 'conditioning',
  title: 'Average Conditioning',
  description: 'Fades from one prompt to another.',
  docs: `
Mixes what the two texts mean, token by token, into one prompt that takes no longer to draw: half of a fox and half of an owl is a
creature between them. Texts of one structure mix best. The result is as long as the first; a longer second one is cut.
`,
  inputs: {
    first: conditioning({ description: 'The prompt at amount 0; its area, mask and range stay.' }),
    second: conditioning({ description: 'The prompt at amount 1.' }),
    amount: float({
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.05,
      description: 'How much of the second prompt there is: 0 only the first, 1 only the second.',
    }),
  },
  outputs: { conditioning: conditioning({ description: 'The mixed prompt.' }) },
  infer: inferPair,
  check: checkPair,
  lower: (plan, { first, second, amount }) => ({
    conditioning: plan.combineConditionings(first, second, { kind: 'average', amount }),
  }),
})
