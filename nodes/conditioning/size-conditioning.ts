import { defineNode } from '../kit/define-node.ts'
import { conditioning } from '../kit/ports.ts'
import { chosenSizes, sizeInputs } from './sizes.ts'

export default defineNode({
  type: 'size-conditioning',
  version: 1,
  category: 'conditioning',
  title: 'Size Conditioning',
  description: 'Tells Stable Diffusion XL the size of the photograph that a picture is made from.',
  docs: `
Stable Diffusion XL was trained on photographs of all sizes, together with each one's size and crop. So both are part of
the prompt. By default they are the size of the generated picture, without a crop. An original size of 2048 or more
looks sharper and fuller, one of 256 looks soft. Models of other families ignore these sizes.
`,
  inputs: { conditioning: conditioning({ description: 'The prompt to add the sizes to.' }), ...sizeInputs },
  outputs: { conditioning: conditioning({ description: 'The prompt with its sizes.' }) },
  infer: ({ conditioning }) => ({ conditioning }),
  lower: (plan, { conditioning, ...sizes }) => ({
    conditioning: plan.step(
      'edit-conditioning',
      { conditioning },
      { edit: { kind: 'size', size: chosenSizes(sizes) } },
    ),
  }),
})
