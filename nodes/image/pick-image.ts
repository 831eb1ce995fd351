import { defineNode } from '../kit/define-node.ts'
import { image, int } from '../kit/ports.ts'

const most = 4096

export default defineNode({
  type: 'pick-image',
  version: 1,
  category: 'image',
  title: 'Pick Image',
  description: 'Takes pictures out of a batch.',
  docs: `
Generate a batch, then pick the best picture for the next node. Save Image writes only the picked ones.
`,
  inputs: {
    image: image({ description: 'The batch.' }),
    first: int({
      default: 1,
      min: 1,
      max: most,
      label: 'First picture',
      description: `The number of the first picture to take, counted from 1, up to ${most}.`,
    }),
    count: int({
      default: 1,
      min: 1,
      max: most,
      advanced: true,
      description: `How many consecutive pictures to take, up to ${most}.`,
    }),
  },
  outputs: { image: image({ description: 'The picked pictures, as a smaller batch.' }) },
  infer: ({ image }) => ({ image }),
  lower: (plan, { image, first, count }) => ({
    image: plan.step('edit-image', { image }, { edit: { kind: 'pick', index: first - 1, count } }),
  }),
})
