import { defineNode } from '../kit/define-node.ts'
import { conditioning } from '../kit/ports.ts'

export default defineNode({
  type: 'conditioning-zero',
  version: 1,
  category: 'conditioning',
  title: 'Zero Conditioning',
  description: 'Makes a prompt empty: all its numbers become 0.',
  docs: `
Stable Diffusion XL was trained with zeros as the negative for no text. An empty Prompt still means "a picture without a
text". The Sampler uses zeros by itself if its negative is not linked with such a model.
`,
  inputs: { conditioning: conditioning({ description: 'Any prompt. Its area, mask, range and sizes stay.' }) },
  outputs: { conditioning: conditioning({ description: 'For the negative input of a Sampler.' }) },
  infer: ({ conditioning }) => ({ conditioning }),
  lower: (plan, { conditioning }) => ({
    conditioning: plan.step('edit-conditioning', { conditioning }, { edit: { kind: 'zero' } }),
  }),
})
