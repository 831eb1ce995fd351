import { defineNode } from '../kit/define-node.ts'
import { float, int, mask } from '../kit/ports.ts'

export default defineNode({
  type: 'refine-mask',
  version: 1,
  category: 'mask',
  title: 'Refine Mask',
  description: 'Hardens, grows or shrinks, and softens a mask, in that order.',
  docs: `
Grow a mask by some pixels so that nothing of the old shows at its edge, then blur it so that the new blends in. The threshold
makes a mask taken from a picture clear-cut first.
`,
  inputs: {
    mask: mask({ description: 'The mask.' }),
    threshold: float({
      default: 0,
      min: 0,
      max: 1,
      description: 'From this value on the mask becomes 1, below it 0. At 0 it stays soft; 1 is the most.',
    }),
    grow: int({
      default: 0,
      min: -256,
      max: 256,
      description: 'How many pixels the mask reaches further at every edge, -256 to 256; a negative number shrinks it.',
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
    const hard = threshold > 0 ? plan.editMask(mask, { kind: 'threshold', level: threshold }) : mask
    const grown = grow === 0 ? hard : plan.editMask(hard, { kind: 'grow', by: grow })
    return { mask: blur > 0 ? plan.editMask(grown, { kind: 'blur', radius: blur }) : grown }
  },
})
