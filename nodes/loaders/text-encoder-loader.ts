import { factOf } from '#core/types/facts.ts'
import { type Family, type Known, UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { clip, file, optionalFile } from '../kit/ports.ts'
import { clipSkip } from './clip-skip.ts'

const accept = ['.safetensors']

export default defineNode({
  type: 'text-encoder-loader',
  version: 1,
  category: 'loaders',
  title: 'Load Text Encoder',
  description: 'Opens text encoders that come as files of their own: one for SD1.x and SD2.x, two for SDXL.',
  docs: `
SD1.x reads prompts with CLIP-L, SD2.x with OpenCLIP-H, SDXL with CLIP-L and OpenCLIP-G together. Give SDXL's two in either order.

The names of Hugging Face's transformers and those of OpenCLIP both work, and so does a whole checkpoint, of which the text
encoders are taken.
`,
  inputs: {
    file: file({
      kind: 'text-encoder',
      accept,
      description: 'The text encoder file, by its name in one of the model folders.',
    }),
    file2: optionalFile({
      kind: 'text-encoder',
      accept,
      label: 'Second file',
      description: 'The second text encoder of SDXL; leave it open for other models.',
    }),
    clipSkip,
  },
  outputs: { clip: clip({ description: 'The text encoder, for a LoRA or a Prompt.' }) },
  infer: ({ file, file2 }, facts) => {
    const fact = factOf(facts, 'text-encoder', file.name)
    // CLIP-L is a part of SDXL's as well, but alone it is SD1.x's
    const alone: Known<Family> = fact?.family === UNKNOWN ? 'sd1' : (fact?.family ?? UNKNOWN)
    return { clip: { kind: 'clip', family: file2 && file2.name !== UNKNOWN ? 'sdxl' : alone } }
  },
  lower: (plan, { file, file2, clipSkip }) => ({
    clip: plan.textEncoder({ file, ...(file2 !== undefined && { file2 }), skip: clipSkip }),
  }),
})
