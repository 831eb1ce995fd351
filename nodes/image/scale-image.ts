import { editFault, type ImageEdit, type ImageEditOf, inferredSize, maxSide } from '#core/plan/image-edit.ts'
import type { TypeOf } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { numbersOf, optionOf } from '../kit/narrowed.ts'
import { choice, image, int } from '../kit/ports.ts'
import { method } from './methods.ts'

const side = { default: 512, min: 0, max: maxSide }
const limits = `Up to ${maxSide}. At 0 it follows the other side, and the proportions stay.`

const proportions: Readonly<Record<ImageEditOf<'scale'>['proportions'], string>> = {
  crop: 'Crop to fit',
  fit: 'Fit inside',
  stretch: 'Stretch',
}

/** What is known of the edit before the run; the method does not change the size. */
function knownEdit(inputs: {
  width: TypeOf<'int'>
  height: TypeOf<'int'>
  proportions: TypeOf<'choice'>
}): ImageEdit | undefined {
  const size = numbersOf({ width: inputs.width, height: inputs.height })
  const chosen = optionOf(inputs.proportions, proportions)
  return size && chosen && { kind: 'scale', ...size, proportions: chosen, method: 'nearest' }
}

export default defineNode({
  type: 'scale-image',
  version: 1,
  category: 'image',
  title: 'Scale Image',
  description: 'Makes a picture of a given size.',
  docs: `
Brings a photo to the size that a model was trained on (512 x 512 for SD1.x, 1024 x 1024 for SDXL) before VAE Encode. Crop to fit
cuts the sides that are too long, evenly; fit inside shows everything, with one side shorter than asked.

It adds no detail. To enlarge with detail, draw the enlarged picture again at a low strength.
`,
  inputs: {
    image: image({ description: 'The picture, or a batch of pictures.' }),
    width: int({ ...side, description: `Width in pixels. ${limits}` }),
    height: int({ ...side, description: `Height in pixels. ${limits}` }),
    proportions: choice({
      default: 'crop',
      options: proportions,
      description: 'What happens when width and height have other proportions than the picture.',
    }),
    method,
  },
  outputs: { image: image({ description: 'The scaled picture.' }) },
  infer: ({ image, ...size }) => ({ image: { kind: 'image', ...inferredSize(knownEdit(size), image) } }),
  check: ({ image, ...size }) => editFault(knownEdit(size), image),
  lower: (plan, { image, ...size }) => ({ image: plan.editImage(image, { kind: 'scale', ...size }) }),
})
