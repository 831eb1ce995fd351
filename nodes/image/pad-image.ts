import { editFault, type ImageEdit, inferredSize, maxSide, type Padding } from '#core/plan/image-edit.ts'
import type { TypeOf } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { numbersOf } from '../kit/narrowed.ts'
import { choice, image, int, mask } from '../kit/ports.ts'

const more = { default: 0, min: 0, max: maxSide - 1 }
const limits = `Pixels, up to ${more.max}; multiples of 8 suit a VAE.`

function knownEdit({
  left,
  top,
  right,
  bottom,
}: Readonly<Record<keyof Padding, TypeOf<'int'>>>): ImageEdit | undefined {
  const padding = numbersOf({ left, top, right, bottom })
  return padding && { kind: 'pad', ...padding, fill: 'grey' }
}

export default defineNode({
  type: 'pad-image',
  version: 1,
  category: 'image',
  title: 'Pad Image',
  description: 'Adds space around a picture, and a mask for outpainting.',
  docs: `
For outpainting, link the picture and the mask to Inpaint. The feather extends the mask into the picture, which hides
the seam.
`,
  inputs: {
    image: image({ description: 'The picture, or a batch of pictures.' }),
    left: int({ ...more, description: `Space on the left. ${limits}` }),
    top: int({ ...more, description: `Space at the top. ${limits}` }),
    right: int({ ...more, description: `Space on the right. ${limits}` }),
    bottom: int({ ...more, description: `Space at the bottom. ${limits}` }),
    feather: int({
      default: 40,
      min: 0,
      max: 1024,
      description:
        'Over how many pixels the mask fades inside the picture, 0 to 1024. Sides without added space do not fade.',
    }),
    fill: choice({
      default: 'grey',
      options: { grey: 'Grey', edge: 'Edge colours' },
      description:
        'What fills the space before it is redrawn. Use grey for strength 1. Edge colours guide the result at lower strengths.',
    }),
  },
  outputs: {
    image: image({ description: 'The larger picture.' }),
    mask: mask({ description: '1 in the added space, fading to 0 inside the picture.' }),
  },
  infer: ({ image, ...sides }) => ({
    image: { kind: 'image', ...inferredSize(knownEdit(sides), image) },
    mask: { kind: 'mask' },
  }),
  check: ({ image, ...sides }) => editFault(knownEdit(sides), image),
  lower: (plan, { image, fill, feather, ...padding }) => ({
    image: plan.step('edit-image', { image }, { edit: { kind: 'pad', ...padding, fill } }),
    mask: plan.step('image-to-mask', { image }, { source: { kind: 'padding', ...padding, feather } }),
  }),
})
