import { defineNode } from '../kit/define-node.ts'
import { conditioning } from '../kit/ports.ts'
import { checkPair, inferPair } from './pair.ts'

export default defineNode({
  type: 'conditioning-combine',
  version: 1,
  category: 'conditioning',
  title: 'Combine Conditioning',
  description: 'Follows two prompts at once, each in its own place, part of the run or strength.',
  docs: `
The model is asked for each prompt by itself, and where both hold, what it says is averaged by their strengths. With areas or masks
each prompt draws its own part of the picture: give a prompt for the whole of it too, or the seams show. A step takes
as long as its prompts together.
`,
  inputs: {
    first: conditioning({ description: 'A prompt, or several combined ones. It also fills what no prompt covers.' }),
    second: conditioning({ description: 'Another prompt, or several combined ones.' }),
  },
  outputs: { conditioning: conditioning({ description: 'Both, for a Sampler or another Combine Conditioning.' }) },
  infer: inferPair,
  check: checkPair,
  lower: (plan, { first, second }) => ({ conditioning: plan.combineConditionings(first, second, { kind: 'combine' }) }),
})
