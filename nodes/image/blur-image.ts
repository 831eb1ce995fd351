import { defineNode } from '../kit/define-node.ts'
import { float, image } from '../kit/ports.ts'

export default defineNode({
  type: 'blur-image',
  version: 1,
  category: 'image',
  title: 'Blur Image',
  description: 'Softens a picture.',
  docs: `
This is a Gaussian blur. A slight blur before image to image lets the model change details. A strong blur leaves only
the colours.
`,
  inputs: {
    image: image({ description: 'The picture, or a batch of pictures.' }),
    radius: float({
      default: 2,
      min: 0,
      max: 100,
      description:
        'How far colours spread: the standard deviation of the Gaussian in pixels, from 0 to 100. 0 changes nothing.',
    }),
  },
  outputs: { image: image({ description: 'The blurred picture.' }) },
  infer: ({ image }) => ({ image }),
  lower: (plan, { image, radius }) => ({
    image: plan.step('edit-image', { image }, { edit: { kind: 'blur', radius } }),
  }),
})
