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
Use it to redraw a face or a hand at a larger size: crop it, scale it up, redraw it at a low strength and scale it down.
Then put it back with Composite Images. Positions are counted from the top left corner.
`,
  inputs: {
    image: image({ description: 'The picture, or a batch of pictures.' }),
    x: int({ ...place, description: `Distance from the left edge to the rectangle in pixels, up to ${place.max}.` }),
    y: int({ ...place, description: `Distance from the top edge to the rectangle in pixels, up to ${place.max}.` }),
    width: int({
      ...side,
      description: `Width of the rectangle in pixels, 1 to ${maxSide}. The rectangle must lie inside the picture.`,
    }),
    height: int({
      ...side,
      description: `Height of the rectangle in pixels, 1 to ${maxSide}. The rectangle must lie inside the picture.`,
    }),
  },
  outputs: { image: image({ description: 'The rectangle.' }) },
  infer: ({ image, ...area }) => ({ image: { kind: 'image', ...inferredSize(knownEdit(area), image) } }),
  check: ({ image, ...area }) => editFault(knownEdit(area), image),
  lower: (plan, { image, ...area }) => ({
    image: plan.step('edit-image', { image }, { edit: { kind: 'crop', ...area } }),
  }),
})
