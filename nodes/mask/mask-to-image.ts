import { UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { image, mask } from '../kit/ports.ts'

export default defineNode({
  type: 'mask-to-image',
  version: 1,
  category: 'mask',
  title: 'Mask to Image',
  description: 'Makes a mask a picture in grey.',
  docs: `
1 is white, 0 is black. For saving a mask, or for scaling and cropping it as a picture; Image to Mask leads back.
`,
  inputs: { mask: mask({ description: 'The mask.' }) },
  outputs: { image: image({ description: 'The mask in grey.' }) },
  infer: () => ({ image: { kind: 'image', width: UNKNOWN, height: UNKNOWN } }),
  lower: (plan, { mask }) => ({ image: plan.maskToImage(mask) }),
})
