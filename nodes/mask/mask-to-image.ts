import { UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { image, mask } from '../kit/ports.ts'

export default defineNode({
  type: 'mask-to-image',
  version: 1,
  category: 'mask',
  title: 'Mask to Image',
  description: 'Turns a mask into a grey picture.',
  docs: `
1 is white, 0 is black. Use it to save a mask, or to scale and crop it as a picture. Image to Mask turns it back.
`,
  inputs: { mask: mask({ description: 'The mask.' }) },
  outputs: { image: image({ description: 'The mask as a grey picture.' }) },
  infer: () => ({ image: { kind: 'image', width: UNKNOWN, height: UNKNOWN } }),
  lower: (plan, { mask }) => ({ image: plan.step('mask-to-image', { mask }, {}) }),
})
