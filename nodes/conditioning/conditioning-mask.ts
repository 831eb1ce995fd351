import { defineNode } from '../kit/define-node.ts'
import { conditioning, mask } from '../kit/ports.ts'
import { strength } from './strength.ts'

export default defineNode({
  type: 'conditioning-mask',
  version: 1,
  category: 'conditioning',
  title: 'Set Conditioning Mask',
  description: 'Limits a prompt to the white part of a mask.',
  docs: `
It works like Set Conditioning Area, with any shape and soft edges. The model sees the whole picture, so a mask may be
as small as you like. Join several with Combine Conditioning. A mask of another size is scaled to the picture. Grey
applies in part.
`,
  inputs: {
    conditioning: conditioning({ description: 'The prompt for the white part.' }),
    mask: mask({
      description: 'Where the prompt applies: 1 fully, 0 not at all. Of several masks, the first is used.',
    }),
    strength,
  },
  outputs: { conditioning: conditioning({ description: 'The prompt with its mask, for Combine Conditioning.' }) },
  infer: ({ conditioning }) => ({ conditioning }),
  lower: (plan, { conditioning, mask, strength }) => ({
    conditioning: plan.step('mask-conditioning', { conditioning, mask }, { strength }),
  }),
})
