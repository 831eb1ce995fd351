import { defineNode } from '../kit/define-node.ts'
import { float, image } from '../kit/ports.ts'

export default defineNode({
  type: 'sharpen-image',
  version: 1,
  category: 'image',
  title: 'Sharpen Image',
  description: 'Sharpens edges.',
  docs: `
This is an unsharp mask: it adds the difference to a blurred copy. Use it as the last step after scaling. Too much of it
creates halos.
`,
  inputs: {
    image: image({ description: 'The picture, or a batch of pictures.' }),
    radius: float({
      default: 1,
      min: 0.1,
      max: 100,
      description: 'How wide the edges are: the standard deviation of the blur in pixels, 0.1 to 100.',
    }),
    amount: float({
      default: 0.5,
      min: 0,
      max: 5,
      description: 'How much is added: 0 changes nothing, up to 5.',
    }),
  },
  outputs: { image: image({ description: 'The sharpened picture.' }) },
  infer: ({ image }) => ({ image }),
  lower: (plan, { image, ...how }) => ({
    image: plan.step('edit-image', { image }, { edit: { kind: 'sharpen', ...how } }),
  }),
})
