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
It mixes the meaning of the two texts, token by token, into one prompt that takes no longer to sample. Half a fox and
half an owl give a creature between them. Texts of the same structure mix best. The result is as long as the first text;
a longer second text is cut.
`,
  inputs: {
    first: conditioning({ description: 'The prompt at amount 0. Its area, mask and range stay.' }),
    second: conditioning({ description: 'The prompt at amount 1.' }),
    amount: float({
      default: 0.5,
      min: 0,
      max: 1,
      step: 0.05,
      description: 'The share of the second prompt: 0 is only the first, 1 is only the second.',
    }),
  },
  outputs: { conditioning: conditioning({ description: 'The mixed prompt.' }) },
  infer: inferPair,
  check: checkPair,
  lower: (plan, { first, second, amount }) => ({
    conditioning: plan.step('combine-conditionings', { first, second }, { how: { kind: 'average', amount } }),
  }),
})
