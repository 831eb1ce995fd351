import { defineNode } from '../kit/define-node.ts'
import { conditioning, mask } from '../kit/ports.ts'
import { strength } from './strength.ts'

export default defineNode({
  type: 'conditioning-mask',
  version: 1,
  category: 'conditioning',
  title: 'Set Conditioning Mask',
  description: 'Lets a prompt hold where a mask is white.',
  docs: `
Like Set Conditioning Area, in any shape and with soft edges; the model is shown the whole picture, so masks may be as small
as they like. Join several with Combine Conditioning. A mask of another size is scaled to the picture; grey counts in part.
`,
  inputs: {
    conditioning: conditioning({ description: 'The prompt for the white part.' }),
    mask: mask({ description: 'Where the prompt holds: 1 fully, 0 not at all. Of several masks the first is taken.' }),
    strength,
  },
  outputs: { conditioning: conditioning({ description: 'The prompt in its place, for Combine Conditioning.' }) },
  infer: ({ conditioning }) => ({ conditioning }),
  lower: (plan, { conditioning, mask, strength }) => ({
    conditioning: plan.maskConditioning(conditioning, mask, strength),
  }),
})
