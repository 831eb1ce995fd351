import { defineNode } from '../kit/define-node.ts'
import { image, int } from '../kit/ports.ts'

const most = 4096

export default defineNode({
  type: 'pick-image',
  version: 1,
  category: 'image',
  title: 'Pick Image',
  description: 'Takes single pictures out of a batch.',
  docs: `
Draw a batch, then pick the best of it for what comes next. Save Image writes only what was picked.
`,
  inputs: {
    image: image({ description: 'The batch.' }),
    first: int({
      default: 1,
      min: 1,
      max: most,
      label: 'First picture',
      description: `The number of the first picture to take; counted from 1, up to ${most}.`,
    }),
    count: int({
      default: 1,
      min: 1,
      max: most,
      advanced: true,
      description: `How many pictures to take, one after the other, up to ${most}.`,
    }),
  },
  outputs: { image: image({ description: 'What was picked, as a smaller batch.' }) },
  infer: ({ image }) => ({ image }),
  lower: (plan, { image, first, count }) => ({
    image: plan.editImage(image, { kind: 'pick', index: first - 1, count }),
  }),
})
