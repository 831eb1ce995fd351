import { defineNode } from '../kit/define-node.ts'
import { clip } from '../kit/ports.ts'
import { clipSkip } from '../loaders/clip-skip.ts'

export default defineNode({
  type: 'clip-skip',
  version: 1,
  category: 'conditioning',
  title: 'CLIP Skip',
  description: 'Takes the prompt from an earlier layer of the text encoder.',
  docs: `
A model follows best the text encoder layer that it was trained with, which is 1. Many drawing and anime models of SD1.x
need 2. Stable Diffusion XL already uses the second to last layer, so 2 changes nothing there.
`,
  inputs: {
    clip: clip({ description: 'The text encoder of a Checkpoint, with or without LoRAs.' }),
    clipSkip: { ...clipSkip, default: 2, advanced: false },
  },
  outputs: { clip: clip({ description: 'The text encoder, for a Prompt or a LoRA.' }) },
  infer: ({ clip }) => ({ clip }),
  lower: (plan, { clip, clipSkip }) => ({ clip: plan.step('clip-skip', { clip }, { skip: clipSkip }) }),
})
