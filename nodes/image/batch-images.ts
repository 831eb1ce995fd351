import { sizeFault } from '#core/plan/sizes.ts'
import { defineNode } from '../kit/define-node.ts'
import { image } from '../kit/ports.ts'

export default defineNode({
  type: 'batch-images',
  version: 1,
  category: 'image',
  title: 'Batch Images',
  description: 'Puts pictures of one size into one batch.',
  docs: `
The next node treats every picture of the batch alike. Save Image writes all of them. Chain several of these nodes for
more than two pictures.
`,
  inputs: {
    first: image({ description: 'The first picture of the batch.' }),
    second: image({ description: 'The picture after it, of the same size.' }),
  },
  outputs: { image: image({ description: 'Both pictures, as one batch.' }) },
  infer: ({ first }) => ({ image: first }),
  check: ({ first, second }) => sizeFault(first, second, 'image'),
  lower: (plan, { first, second }) => ({ image: plan.step('batch-images', { first, second }, {}) }),
})
