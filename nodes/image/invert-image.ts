import { defineNode } from '../kit/define-node.ts'
import { image } from '../kit/ports.ts'

export default defineNode({
  type: 'invert-image',
  version: 1,
  category: 'image',
  title: 'Invert Image',
  description: 'Turns a picture into its negative.',
  docs: `
Black becomes white, and every colour becomes its opposite. A line drawing on paper becomes white lines on black, which
ControlNets expect.
`,
  inputs: { image: image({ description: 'The picture, or a batch of pictures.' }) },
  outputs: { image: image({ description: 'The negative.' }) },
  infer: ({ image }) => ({ image }),
  lower: (plan, { image }) => ({ image: plan.step('edit-image', { image }, { edit: { kind: 'invert' } }) }),
})
