import { defineNode } from '../kit/define-node.ts'
import { conditioning } from '../kit/ports.ts'

export default defineNode({
  type: 'conditioning-zero',
  version: 1,
  category: 'conditioning',
  title: 'Zero Conditioning',
  description: 'Makes a prompt say nothing at all: all its numbers become 0.',
  docs: `
As a negative it is what Stable Diffusion XL was trained with for no text; an empty Prompt still says "a picture without
a text". The Sampler does the same when its negative stays open with such a model.
`,
  inputs: { conditioning: conditioning({ description: 'Any prompt; its area, mask, range and sizes stay.' }) },
  outputs: { conditioning: conditioning({ description: 'For the negative input of a Sampler.' }) },
  infer: ({ conditioning }) => ({ conditioning }),
  lower: (plan, { conditioning }) => ({ conditioning: plan.editConditioning(conditioning, { kind: 'zero' }) }),
})
