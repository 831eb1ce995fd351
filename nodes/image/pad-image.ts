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
  description: 'Makes room around a picture, with the mask for drawing beyond its edges.',
  docs: `
For outpainting: link the picture and the mask to Inpaint. The feather lets what is drawn anew reach into the picture, which hides
the seam.
`,
  inputs: {
    image: image({ description: 'The picture, or a batch of pictures.' }),
    left: int({ ...more, description: `Room on the left. ${limits}` }),
    top: int({ ...more, description: `Room above. ${limits}` }),
    right: int({ ...more, description: `Room on the right. ${limits}` }),
    bottom: int({ ...more, description: `Room below. ${limits}` }),
    feather: int({
      default: 40,
      min: 0,
      max: 1024,
      description:
        'Over how many pixels within the picture the mask fades, 0 to 1024. Sides without room stay as they are.',
    }),
    fill: choice({
      default: 'grey',
      options: { grey: 'Grey', edge: 'Edge colours' },
      description:
        'What stands in the room until it is drawn. Grey for strength 1; edge colours guide what is drawn at lower strengths.',
    }),
  },
  outputs: {
    image: image({ description: 'The larger picture.' }),
    mask: mask({ description: '1 in the room, fading to 0 within the picture.' }),
  },
  infer: ({ image, ...sides }) => ({
    image: { kind: 'image', ...inferredSize(knownEdit(sides), image) },
    mask: { kind: 'mask' },
  }),
  check: ({ image, ...sides }) => editFault(knownEdit(sides), image),
  lower: (plan, { image, fill, feather, ...padding }) => ({
    image: plan.editImage(image, { kind: 'pad', ...padding, fill }),
    mask: plan.imageToMask(image, { kind: 'padding', ...padding, feather }),
  }),
})
