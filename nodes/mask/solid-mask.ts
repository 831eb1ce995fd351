import { maxSide } from '#core/plan/image-edit.ts'
import { defineNode } from '../kit/define-node.ts'
import { float, int, mask } from '../kit/ports.ts'

const side = { default: 512, min: 1, max: maxSide }

export default defineNode({
  type: 'solid-mask',
  version: 1,
  category: 'mask',
  title: 'Solid Mask',
  description: 'A mask with one value everywhere.',
  docs: `
To fade a mask, multiply it with a solid one in Combine Masks.
`,
  inputs: {
    value: float({ default: 1, min: 0, max: 1, description: 'The value: 0 nothing, 1 everything.' }),
    width: int({ ...side, description: `Width in pixels, 1 to ${maxSide}.` }),
    height: int({ ...side, description: `Height in pixels, 1 to ${maxSide}.` }),
  },
  outputs: { mask: mask({ description: 'The mask.' }) },
  infer: () => ({ mask: { kind: 'mask' } }),
  lower: (plan, of) => ({ mask: plan.step('solid-mask', {}, of) }),
})
