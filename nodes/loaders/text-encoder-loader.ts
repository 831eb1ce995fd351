import { defaultFamily, type Family } from '#core/families/families.ts'
import { factOf } from '#core/types/facts.ts'
import { type Known, UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { clip, file, optionalFile } from '../kit/ports.ts'
import { clipSkip } from './clip-skip.ts'

const accept = ['.safetensors']

export default defineNode({
  type: 'text-encoder-loader',
  version: 1,
  category: 'loaders',
  title: 'Load Text Encoder',
  description: 'Opens text encoders from files of their own: one for SD1.x and SD2.x, two for SDXL.',
  docs: `
SD1.x uses CLIP-L, SD2.x uses OpenCLIP-H, and SDXL uses CLIP-L and OpenCLIP-G together. The order of the two SDXL files
does not matter.

The file may use the tensor names of Hugging Face's transformers or of OpenCLIP. A whole checkpoint works too: the node
takes its text encoders.
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
      description: 'The second text encoder of SDXL. Leave it open for other models.',
    }),
    clipSkip,
  },
  outputs: { clip: clip({ description: 'The text encoder, for a LoRA or a Prompt.' }) },
  infer: ({ file, file2 }, facts) => {
    const fact = factOf(facts, 'text-encoder', file.name)
    // CLIP-L is a part of SDXL's as well, but alone it is SD1.x's
    const alone: Known<Family> = fact?.family === UNKNOWN ? defaultFamily : (fact?.family ?? UNKNOWN)
    return { clip: { kind: 'clip', family: file2 && file2.name !== UNKNOWN ? 'sdxl' : alone } }
  },
  lower: (plan, { file, file2, clipSkip }) => ({
    clip: plan.step('text-encoder', {}, { file, ...(file2 !== undefined && { file2 }), skip: clipSkip }),
  }),
})
