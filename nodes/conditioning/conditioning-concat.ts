import { defineNode } from '../kit/define-node.ts'
import { conditioning } from '../kit/ports.ts'
import { checkPair, inferPair } from './pair.ts'

export default defineNode({
  type: 'conditioning-concat',
  version: 1,
  category: 'conditioning',
  title: 'Concatenate Conditioning',
  description: 'Puts one prompt behind another, each read by itself.',
  docs: `
As if a long text were split where you want it: words of the one do not colour those of the other while the text encoder reads
them, so "red hair" and "a green coat" keep to their things more often. Both have their full say in the whole picture.
`,
  inputs: {
    first: conditioning({ description: 'The prompt that comes first; its area, mask and range hold for both.' }),
    second: conditioning({ description: 'The prompt that comes behind it.' }),
  },
  outputs: { conditioning: conditioning({ description: 'Both as one prompt.' }) },
  infer: inferPair,
  check: checkPair,
  lower: (plan, { first, second }) => ({ conditioning: plan.combineConditionings(first, second, { kind: 'concat' }) }),
})
