import { defineNode } from '../kit/define-node.ts'
import { choice, image, mask } from '../kit/ports.ts'

export default defineNode({
  type: 'image-to-mask',
  version: 1,
  category: 'mask',
  title: 'Image to Mask',
  description: 'Takes a mask from the colours of a picture.',
  docs: `
For masks that were painted elsewhere: white is 1, black is 0. What is transparent in a picture is the mask of its Load Image.
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
  lower: (plan, { image, channel }) => ({ mask: plan.imageToMask(image, { kind: 'channel', channel }) }),
})
