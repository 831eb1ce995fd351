import { editFault, type ImageEdit, type ImageEditOf, inferredSize, maxSide } from '#core/plan/image-edit.ts'
import type { TypeOf } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { numbersOf, optionOf } from '../kit/narrowed.ts'
import { choice, image, int } from '../kit/ports.ts'
import { method } from './methods.ts'

const side = { default: 512, min: 0, max: maxSide }
const limits = `Up to ${maxSide}. 0 computes it from the other side and keeps the proportions.`

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
  description: 'Scales a picture to a given size.',
  docs: `
Use it before VAE Encode to bring a photo to the size that the model was trained on (512 x 512 for SD1.x, 1024 x 1024
for SDXL). Crop to fit trims the longer sides evenly. Fit inside shows everything, with one side shorter than requested.

Scaling adds no detail. To add detail, redraw the enlarged picture at a low strength.
`,
  inputs: {
    image: image({ description: 'The picture, or a batch of pictures.' }),
    width: int({ ...side, description: `Width in pixels. ${limits}` }),
    height: int({ ...side, description: `Height in pixels. ${limits}` }),
    proportions: choice({
      default: 'crop',
      options: proportions,
      description: 'What to do when width and height do not match the proportions of the picture.',
    }),
    method,
  },
  outputs: { image: image({ description: 'The scaled picture.' }) },
  infer: ({ image, ...size }) => ({ image: { kind: 'image', ...inferredSize(knownEdit(size), image) } }),
  check: ({ image, ...size }) => editFault(knownEdit(size), image),
  lower: (plan, { image, ...size }) => ({
    image: plan.step('edit-image', { image }, { edit: { kind: 'scale', ...size } }),
  }),
})
