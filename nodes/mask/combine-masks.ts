import { defineNode } from '../kit/define-node.ts'
import { choice, mask } from '../kit/ports.ts'

export default defineNode({
  type: 'combine-masks',
  version: 1,
  category: 'mask',
  title: 'Combine Masks',
  description: 'Makes one mask out of two.',
  docs: `
Or takes what is in either mask, And takes what is in both, and Exclusive or takes what is in only one. Subtract removes
the second mask from the first. The second mask is stretched to the size of the first.
`,
  inputs: {
    first: mask({ description: 'The first mask. The result has its size.' }),
    second: mask({ description: 'The second mask.' }),
    how: choice({
      default: 'or',
      label: 'Operation',
      options: {
        or: 'Or (larger)',
        and: 'And (smaller)',
        xor: 'Exclusive or',
        add: 'Add',
        subtract: 'Subtract',
        multiply: 'Multiply',
      },
      description: 'How to combine the two values of every pixel. The result is kept between 0 and 1.',
    }),
  },
  outputs: { mask: mask({ description: 'Both as one mask.' }) },
  infer: () => ({ mask: { kind: 'mask' } }),
  lower: (plan, { first, second, how }) => ({ mask: plan.step('combine-masks', { first, second }, { how }) }),
})
