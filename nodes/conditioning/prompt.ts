import { encodePrompt } from '#core/plan/composites.ts'
import { defineNode } from '../kit/define-node.ts'
import { clip, conditioning, text } from '../kit/ports.ts'
import { emphasis } from './emphasis.ts'
import { adviseOnSyntax } from './foreign-syntax.ts'

export default defineNode({
  type: 'prompt',
  version: 1,
  category: 'conditioning',
  title: 'Prompt',
  description: 'Describes what the picture shows, or, as the negative, what it must not show.',
  docs: `
Write what you want to see. \`(word)\` gives a word more weight, and \`(word:1.3)\` sets the weight itself. \`[word]\`
is plain text, and \`\\(\` and \`\\)\` are plain brackets. A text of more than 75 tokens is encoded in chunks, so length
is no problem. The beginning of each chunk counts most.

\`embedding:name\` inserts a textual inversion: the file \`embeddings/name.safetensors\`, \`.pt\` or \`.bin\` in a model
folder. It must be made for the family of the model. If it is not available, the rest of the prompt is used, with a
warning.

\`<lora:name:1>\`, \`BREAK\`, \`AND\`, \`[from:to:when]\`, \`__wildcards__\` and \`{one|other}\` of other programs are read as
words. The node says so, and what to do instead.
`,
  inputs: {
    clip: clip({ description: 'The text encoder that reads the prompt.' }),
    text: text({ multiline: 'prompt', description: 'The prompt, up to 100,000 characters. It may be empty.' }),
    emphasis,
  },
  outputs: { conditioning: conditioning({ description: 'For the positive or negative input of a Sampler.' }) },
  infer: ({ clip }) => ({ conditioning: { kind: 'conditioning', family: clip.family } }),
  advise: (_types, _facts, { text }) => adviseOnSyntax(text, 'text'),
  lower: (plan, { clip, text, emphasis }) => ({ conditioning: encodePrompt(plan, clip, { text, emphasis }) }),
})
