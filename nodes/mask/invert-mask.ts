import { defineNode } from '../kit/define-node.ts'
import { mask } from '../kit/ports.ts'

export default defineNode({
  type: 'invert-mask',
  version: 1,
  category: 'mask',
  title: 'Invert Mask',
  description: 'Swaps the selected and the unselected part of a mask.',
  docs: `
To redraw the surroundings of a subject, mask the subject and invert the mask.
`,
  inputs: { mask: mask({ description: 'The mask.' }) },
  outputs: { mask: mask({ description: '1 minus the mask.' }) },
  infer: () => ({ mask: { kind: 'mask' } }),
  lower: (plan, { mask }) => ({ mask: plan.step('edit-mask', { mask }, { edit: { kind: 'invert' } }) }),
})
