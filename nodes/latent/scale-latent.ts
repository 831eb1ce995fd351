import { vaeScaleFactor } from '#core/families/family.ts'
import {
  inferredLatentSize,
  type LatentEdit,
  type LatentScaling,
  latentEditFault,
  maxLatentSide,
} from '#core/plan/latent-edit.ts'
import { exactly, type TypeOf, UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { choice, float, int, latent } from '../kit/ports.ts'

const side = { default: 0, min: 0, max: maxLatentSide, multipleOf: vaeScaleFactor, advanced: true }
const limits = `A multiple of ${vaeScaleFactor} up to ${maxLatentSide}. The size is used if both sides are set. At 0 the factor is used.`

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
This is the middle of a high-resolution fix. Generate at the size that the model was trained on, scale the latent by 1.5
to 2, and link it to a second Sampler with a strength of 0.5 to 0.6. Models repeat things when they generate a large
picture directly. This method avoids that.

Decoded directly, a scaled latent looks blurred or jagged. Below a strength of about 0.5 some of that remains.
`,
  inputs: {
    latent: latent({ description: 'The latent to scale. Its mask is scaled too.' }),
    factor: float({
      default: 1.5,
      min: 0.1,
      max: 8,
      description: `The factor for both sides, from 0.1 to 8. Sides are rounded to multiples of ${vaeScaleFactor} pixels and have at most ${maxLatentSide}.`,
    }),
    width: int({ ...side, description: `Width of the picture in pixels, instead of the factor. ${limits}` }),
    height: int({ ...side, description: `Height of the picture in pixels, instead of the factor. ${limits}` }),
    method: choice({
      default: 'bislerp',
      options: { nearest: 'Nearest', bilinear: 'Bilinear', bicubic: 'Bicubic', bislerp: 'Bislerp' },
      advanced: true,
      description:
        'How values between cells are interpolated. Bislerp keeps contrast best, bicubic keeps edges best, bilinear softens, and nearest leaves steps.',
    }),
  },
  outputs: { latent: latent({ description: 'The scaled latent, for a Sampler with a strength below 1.' }) },
  infer: ({ latent, ...size }) => ({ latent: { ...latent, ...inferredLatentSize(knownEdit(size), latent) } }),
  check: ({ latent, ...size }) => latentEditFault(knownEdit(size), latent),
  lower: (plan, { latent, method, ...size }) => ({
    latent: plan.step('edit-latent', { latent }, { edit: editOf(size, method) }),
  }),
})
