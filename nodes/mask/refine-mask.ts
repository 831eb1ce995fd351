import { defineNode } from '../kit/define-node.ts'
import { float, int, mask } from '../kit/ports.ts'

export default defineNode({
  type: 'refine-mask',
  version: 1,
  category: 'mask',
  title: 'Refine Mask',
  description: 'Applies a threshold to a mask, grows or shrinks it, and blurs it, in that order.',
  docs: `
Grow a mask by a few pixels so that no old content shows at its edge. Then blur it so that the new content blends in.
The threshold first gives a mask from a picture hard edges.
`,
  inputs: {
    mask: mask({ description: 'The mask.' }),
    threshold: float({
      default: 0,
      min: 0,
      max: 1,
      description: 'From this value on the mask becomes 1, below it 0. At 0 it stays soft. 1 is the maximum.',
    }),
    grow: int({
      default: 0,
      min: -256,
      max: 256,
      description: 'How many pixels the mask grows at every edge, -256 to 256. A negative number shrinks it.',
    }),
    blur: float({
      default: 0,
      min: 0,
      max: 100,
      description: 'How far the edge fades: the standard deviation of a Gaussian in pixels, 0 to 100.',
    }),
  },
  outputs: { mask: mask({ description: 'The refined mask.' }) },
  infer: () => ({ mask: { kind: 'mask' } }),
  lower: (plan, { mask, threshold, grow, blur }) => {
    const hard =
      threshold > 0 ? plan.step('edit-mask', { mask }, { edit: { kind: 'threshold', level: threshold } }) : mask
    const grown = grow === 0 ? hard : plan.step('edit-mask', { mask: hard }, { edit: { kind: 'grow', by: grow } })
    return {
      mask: blur > 0 ? plan.step('edit-mask', { mask: grown }, { edit: { kind: 'blur', radius: blur } }) : grown,
    }
  },
})
