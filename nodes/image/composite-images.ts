import { maxSide } from '#core/plan/image-edit.ts'
import { defineNode } from '../kit/define-node.ts'
import { choice, float, image, int, mask } from '../kit/ports.ts'

const place = { default: 0, min: -maxSide, max: maxSide }

export default defineNode({
  type: 'composite-images',
  version: 1,
  category: 'image',
  title: 'Composite Images',
  description: 'Puts one picture on top of another: at a position, through a mask, with a blend mode.',
  docs: `
This works like layers in an image editor. After inpainting, put the result on the original picture with the same mask.
Everything outside the mask then stays exactly as it was. At opacity 0.5, two pictures of one size mix evenly.

If one side is a single picture, it is used for every picture of a batch on the other side.
`,
  inputs: {
    background: image({ description: 'The picture below. The result has its size.' }),
    layer: image({ description: 'The picture on top. Parts outside the background are cut off.' }),
    mask: mask({
      optional: true,
      description:
        'Where the layer shows: 1 fully, 0 not at all. The mask is stretched to the layer. Without a mask, all of the layer shows.',
    }),
    x: int({ ...place, description: `Distance from the left edge to the layer in pixels, -${maxSide} to ${maxSide}.` }),
    y: int({ ...place, description: `Distance from the top edge to the layer in pixels, -${maxSide} to ${maxSide}.` }),
    mode: choice({
      default: 'normal',
      label: 'Blend mode',
      options: {
        normal: 'Normal',
        multiply: 'Multiply',
        screen: 'Screen',
        overlay: 'Overlay',
        'soft-light': 'Soft light',
        difference: 'Difference',
      },
      description:
        'How the layer changes the picture below. Multiply darkens, screen lightens, overlay and soft light add contrast, and difference shows what changed.',
    }),
    opacity: float({
      default: 1,
      min: 0,
      max: 1,
      description: 'How much of the layer shows: 0 nothing, 1 all of it.',
    }),
  },
  outputs: { image: image({ description: 'Both as one picture.' }) },
  infer: ({ background }) => ({ image: background }),
  lower: (plan, { background, layer, mask, ...how }) => ({
    image: plan.step('composite-images', { background, layer, mask }, how),
  }),
})
