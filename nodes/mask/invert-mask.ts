import { defineNode } from '../kit/define-node.ts'
import { mask } from '../kit/ports.ts'

export default defineNode({
  type: 'invert-mask',
  version: 1,
  category: 'mask',
  title: 'Invert Mask',
  description: 'Swaps what a mask takes and what it leaves.',
  docs: `
Mask the subject, invert, and the surroundings are drawn anew.
`,
  inputs: { mask: mask({ description: 'The mask.' }) },
  outputs: { mask: mask({ description: '1 minus the mask.' }) },
  infer: () => ({ mask: { kind: 'mask' } }),
  lower: (plan, { mask }) => ({ mask: plan.editMask(mask, { kind: 'invert' }) }),
})
