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
What comes next is done to each picture of the batch alike, and Save Image writes all of them. Chain several of these for more than
two pictures.
`,
  inputs: {
    first: image({ description: 'What comes first in the batch.' }),
    second: image({ description: 'What comes behind it, of the same size.' }),
  },
  outputs: { image: image({ description: 'Both, as one batch.' }) },
  infer: ({ first }) => ({ image: first }),
  check: ({ first, second }) => sizeFault(first, second, 'image'),
  lower: (plan, { first, second }) => ({ image: plan.batchImages(first, second) }),
})
