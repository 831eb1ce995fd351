import { defineNode } from '../kit/define-node.ts'
import { conditioning } from '../kit/ports.ts'
import { chosenSizes, sizeInputs } from './sizes.ts'

export default defineNode({
  type: 'size-conditioning',
  version: 1,
  category: 'conditioning',
  title: 'Size Conditioning',
  description: 'Tells Stable Diffusion XL from what size of photograph a picture is made.',
  docs: `
Stable Diffusion XL learned from photographs of all sizes and was told each one's size and how it was cropped, so both are part of the
prompt. As it stands they are those of the picture that is drawn, without a crop. An original of 2048 or more looks sharper and fuller, one
of 256 soft. Models of other families leave it aside.
`,
  inputs: { conditioning: conditioning({ description: 'The prompt that gets the sizes.' }), ...sizeInputs },
  outputs: { conditioning: conditioning({ description: 'The prompt with its sizes.' }) },
  infer: ({ conditioning }) => ({ conditioning }),
  lower: (plan, { conditioning, ...sizes }) => ({
    conditioning: plan.editConditioning(conditioning, { kind: 'size', size: chosenSizes(sizes) }),
  }),
})
