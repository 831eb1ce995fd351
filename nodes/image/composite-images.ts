import { maxSide } from '#core/plan/image-edit.ts'
import { defineNode } from '../kit/define-node.ts'
import { choice, float, image, int, mask } from '../kit/ports.ts'

const place = { default: 0, min: -maxSide, max: maxSide }

export default defineNode({
  type: 'composite-images',
  version: 1,
  category: 'image',
  title: 'Composite Images',
  description: 'Lays a picture on another one: in a place, through a mask, with a blend mode.',
  docs: `
As layers in an image editor. After inpainting, lay the result on the picture with the same mask, and what was not masked stays
exactly as it was. With opacity 0.5 two pictures of one size mix evenly.

A single picture serves for every picture of a batch on the other side.
`,
  inputs: {
    background: image({ description: 'The picture below; the result has its size.' }),
    layer: image({ description: 'The picture on top; what sticks out is cut off.' }),
    mask: mask({
      optional: true,
      description:
        'Where the layer shows: 1 wholly, 0 not at all. It is stretched to the layer. Left open, all of it shows.',
    }),
    x: int({ ...place, description: `Pixels from the left edge to the layer; -${maxSide} to ${maxSide}.` }),
    y: int({ ...place, description: `Pixels from the upper edge to the layer; -${maxSide} to ${maxSide}.` }),
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
        'How the layer changes what is below. Multiply darkens, screen lightens, overlay and soft light add contrast, difference shows what changed.',
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
    image: plan.compositeImages({ background, layer, mask }, how),
  }),
})
