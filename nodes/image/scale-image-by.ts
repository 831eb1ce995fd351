import { editFault, type ImageEdit, type ImageEditOf, inferredSize, maxSide } from '#core/plan/image-edit.ts'
import type { TypeOf } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { numbersOf, optionOf } from '../kit/narrowed.ts'
import { choice, float, image } from '../kit/ports.ts'
import { method } from './methods.ts'

const measures: Readonly<Record<ImageEditOf<'scale-by'>['measure'], string>> = {
  factor: 'Times the size',
  megapixels: 'Megapixels',
}

/** What is known of the edit before the run; the method does not change the size. */
function knownEdit(inputs: { amount: TypeOf<'float'>; measure: TypeOf<'choice'> }): ImageEdit | undefined {
  const known = numbersOf({ amount: inputs.amount })
  const measure = optionOf(inputs.measure, measures)
  return known && measure && { kind: 'scale-by', ...known, measure, method: 'nearest' }
}

export default defineNode({
  type: 'scale-image-by',
  version: 1,
  category: 'image',
  title: 'Scale Image By',
  description: 'Makes a picture larger or smaller and keeps its proportions.',
  docs: `
With a factor, 2 doubles both sides. With megapixels, the picture gets that area at any shape. This brings photos of all
proportions to a size that suits the model: 1 is the area of 1024 x 1024 (SDXL), 0.25 that of 512 x 512 (SD1.x).
`,
  inputs: {
    image: image({ description: 'The picture, or a batch of pictures.' }),
    measure: choice({ default: 'factor', options: measures, description: 'The unit of the amount.' }),
    amount: float({
      default: 2,
      min: 0.01,
      max: 256,
      description: `The factor or the megapixels, 0.01 to 256. A side has ${maxSide} pixels at most.`,
    }),
    method,
  },
  outputs: { image: image({ description: 'The scaled picture.' }) },
  infer: ({ image, ...by }) => ({ image: { kind: 'image', ...inferredSize(knownEdit(by), image) } }),
  check: ({ image, ...by }) => editFault(knownEdit(by), image),
  lower: (plan, { image, ...by }) => ({
    image: plan.step('edit-image', { image }, { edit: { kind: 'scale-by', ...by } }),
  }),
})
