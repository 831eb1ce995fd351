import { defineNode } from '../kit/define-node.ts'
import { choice, image, mask } from '../kit/ports.ts'

export default defineNode({
  type: 'image-to-mask',
  version: 1,
  category: 'mask',
  title: 'Image to Mask',
  description: 'Makes a mask from the colours of a picture.',
  docs: `
Use it for masks painted in another program: white is 1, black is 0. For the transparency of a picture, use the mask
output of its Load Image.
`,
  inputs: {
    image: image({ description: 'The picture, or a batch of pictures.' }),
    channel: choice({
      default: 'brightness',
      options: { brightness: 'Brightness', red: 'Red', green: 'Green', blue: 'Blue' },
      description: 'What becomes the mask.',
    }),
  },
  outputs: { mask: mask({ description: 'The mask, of the size of the picture.' }) },
  infer: () => ({ mask: { kind: 'mask' } }),
  lower: (plan, { image, channel }) => ({
    mask: plan.step('image-to-mask', { image }, { source: { kind: 'channel', channel } }),
  }),
})
