import { defineNode } from '../kit/define-node.ts'
import { conditioning } from '../kit/ports.ts'
import { checkPair, inferPair } from './pair.ts'

export default defineNode({
  type: 'conditioning-combine',
  version: 1,
  category: 'conditioning',
  title: 'Combine Conditioning',
  description: 'Follows two prompts at once, each with its own area, range or strength.',
  docs: `
The model runs once for each prompt. Where both apply, their predictions are averaged by strength. With areas or masks,
each prompt gives its own part of the picture. Add a prompt for the whole picture too, or the seams show. A step takes
as long as all its prompts together.
`,
  inputs: {
    first: conditioning({
      description: 'A prompt, or several combined ones. It also fills the parts that no prompt covers.',
    }),
    second: conditioning({ description: 'Another prompt, or several combined ones.' }),
  },
  outputs: { conditioning: conditioning({ description: 'Both, for a Sampler or another Combine Conditioning.' }) },
  infer: inferPair,
  check: checkPair,
  lower: (plan, { first, second }) => ({
    conditioning: plan.step('combine-conditionings', { first, second }, { how: { kind: 'combine' } }),
  }),
})
