import { defineNode } from '../kit/define-node.ts'
import { conditioning } from '../kit/ports.ts'
import { checkPair, inferPair } from './pair.ts'

export default defineNode({
  type: 'conditioning-concat',
  version: 1,
  category: 'conditioning',
  title: 'Concatenate Conditioning',
  description: 'Puts one prompt after another, each encoded separately.',
  docs: `
It works like a long text that you split yourself. The text encoder reads each prompt alone, so words of one do not
affect the other: "red hair" and "a green coat" more often keep their own colours. Both prompts apply to the whole
picture.
`,
  inputs: {
    first: conditioning({ description: 'The prompt that comes first. Its area, mask and range apply to both.' }),
    second: conditioning({ description: 'The prompt that comes after it.' }),
  },
  outputs: { conditioning: conditioning({ description: 'Both as one prompt.' }) },
  infer: inferPair,
  check: checkPair,
  lower: (plan, { first, second }) => ({
    conditioning: plan.step('combine-conditionings', { first, second }, { how: { kind: 'concat' } }),
  }),
})
