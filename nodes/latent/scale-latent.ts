import {
  cellSize,
  inferredLatentSize,
  type LatentEdit,
  type LatentScaling,
  latentEditFault,
  maxLatentSide,
} from '#core/plan/latent-edit.ts'
import { exactly, type TypeOf, UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { choice, float, int, latent } from '../kit/ports.ts'

const side = { default: 0, min: 0, max: maxLatentSide, multipleOf: cellSize, advanced: true }
const limits = `A multiple of ${cellSize} up to ${maxLatentSide}. The size counts if both sides are set; at 0 the factor does.`

/** Both sides, or else the factor. */
const editOf = (size: { factor: number; width: number; height: number }, method: LatentScaling): LatentEdit =>
  size.width > 0 && size.height > 0
    ? { kind: 'resize', width: size.width, height: size.height, method }
    : { kind: 'scale', by: size.factor, method }

/** What is known of the edit before the run; the method does not change the size. */
function knownEdit(inputs: {
  factor: TypeOf<'float'>
  width: TypeOf<'int'>
  height: TypeOf<'int'>
}): LatentEdit | undefined {
  const [factor, width, height] = [exactly(inputs.factor), exactly(inputs.width), exactly(inputs.height)]
  if (factor === UNKNOWN || width === UNKNOWN || height === UNKNOWN) return undefined
  return editOf({ factor, width, height }, 'nearest')
}

export default defineNode({
  type: 'scale-latent',
  version: 1,
  category: 'latent',
  title: 'Scale Latent',
  description: 'Makes a latent larger or smaller, for a second Sampler to redraw at the new size.',
  docs: `
The middle of a high-resolution fix: draw at the size that the model was trained on, scale the latent by 1.5 to 2, and link it to
a second Sampler with a strength of 0.5 to 0.6. Models repeat things when they draw large pictures at once; this way they do not.

A scaled latent that is decoded at once looks blurred or jagged. Below a strength of about 0.5 some of that stays.
`,
  inputs: {
    latent: latent({ description: 'The latent to scale; its mask is scaled too.' }),
    factor: float({
      default: 1.5,
      min: 0.1,
      max: 8,
      description: `How many times as wide and as high, from 0.1 to 8, rounded to multiples of ${cellSize} pixels. A side has ${maxLatentSide} pixels at most.`,
    }),
    width: int({ ...side, description: `Width of the picture in pixels, instead of the factor. ${limits}` }),
    height: int({ ...side, description: `Height of the picture in pixels, instead of the factor. ${limits}` }),
    method: choice({
      default: 'bislerp',
      options: { nearest: 'Nearest', bilinear: 'Bilinear', bicubic: 'Bicubic', bislerp: 'Bislerp' },
      advanced: true,
      description:
        'How values between cells are found. Bislerp keeps contrast best and bicubic edges; bilinear softens, and nearest leaves steps.',
    }),
  },
  outputs: { latent: latent({ description: 'The scaled latent, for a Sampler with a strength below 1.' }) },
  infer: ({ latent, ...size }) => ({ latent: { ...latent, ...inferredLatentSize(knownEdit(size), latent) } }),
  check: ({ latent, ...size }) => latentEditFault(knownEdit(size), latent),
  lower: (plan, { latent, method, ...size }) => ({ latent: plan.editLatent(latent, editOf(size, method)) }),
})
