import { defineNode } from '../kit/define-node.ts'
import { float, image } from '../kit/ports.ts'

export default defineNode({
  type: 'blur-image',
  version: 1,
  category: 'image',
  title: 'Blur Image',
  description: 'Softens a picture.',
  docs: `
A Gaussian blur. Blurring a picture a little before it is drawn again frees the model from its detail; a strong blur leaves it the
colours alone.
`,
  inputs: {
    image: image({ description: 'The picture, or a batch of pictures.' }),
    radius: float({
      default: 2,
      min: 0,
      max: 100,
      description:
        'How far colours spread: the standard deviation of the Gaussian in pixels, 0 to 100. 0 changes nothing.',
    }),
  },
  outputs: { image: image({ description: 'The softened picture.' }) },
  infer: ({ image }) => ({ image }),
  lower: (plan, { image, radius }) => ({ image: plan.editImage(image, { kind: 'blur', radius }) }),
})
