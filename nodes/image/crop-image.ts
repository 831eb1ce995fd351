import { editFault, type ImageEdit, inferredSize, maxSide } from '#core/plan/image-edit.ts'
import type { TypeOf } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { numbersOf } from '../kit/narrowed.ts'
import { image, int } from '../kit/ports.ts'

const place = { default: 0, min: 0, max: maxSide - 1 }
const side = { default: 512, min: 1, max: maxSide }

function knownEdit(inputs: Readonly<Record<'x' | 'y' | 'width' | 'height', TypeOf<'int'>>>): ImageEdit | undefined {
  const area = numbersOf(inputs)
  return area && { kind: 'crop', ...area }
}

export default defineNode({
  type: 'crop-image',
  version: 1,
  category: 'image',
  title: 'Crop Image',
  description: 'Cuts a rectangle out of a picture.',
  docs: `
To redraw a face or a hand larger: crop it, scale it up, draw it again at a low strength, scale it down, and lay it back with
Composite Images. Places are counted from the upper left corner.
`,
  inputs: {
    image: image({ description: 'The picture, or a batch of pictures.' }),
    x: int({ ...place, description: `Pixels from the left edge to the rectangle, up to ${place.max}.` }),
    y: int({ ...place, description: `Pixels from the upper edge to the rectangle, up to ${place.max}.` }),
    width: int({
      ...side,
      description: `Width of the rectangle in pixels, 1 to ${maxSide}; it has to end in the picture.`,
    }),
    height: int({
      ...side,
      description: `Height of the rectangle in pixels, 1 to ${maxSide}; it has to end in the picture.`,
    }),
  },
  outputs: { image: image({ description: 'The rectangle.' }) },
  infer: ({ image, ...area }) => ({ image: { kind: 'image', ...inferredSize(knownEdit(area), image) } }),
  check: ({ image, ...area }) => editFault(knownEdit(area), image),
  lower: (plan, { image, ...area }) => ({ image: plan.editImage(image, { kind: 'crop', ...area }) }),
})
