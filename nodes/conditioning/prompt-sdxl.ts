import { LoomError } from '#core/errors.ts'
import { builtFamily, families } from '#core/families/families.ts'
import { encodePrompt } from '#core/plan/composites.ts'
import { UNKNOWN } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { clip, conditioning, text } from '../kit/ports.ts'
import { emphasis } from './emphasis.ts'
import { adviseOnSyntax } from './foreign-syntax.ts'
import { chosenSizes, sizeInputs } from './sizes.ts'

export default defineNode({
  type: 'prompt-sdxl',
  version: 1,
  category: 'conditioning',
  title: 'SDXL Prompt',
  description: 'A prompt for Stable Diffusion XL with a text for each of its two text encoders, and with sizes.',
  docs: `
A plain Prompt gives both text encoders the same text, which is nearly always best. With separate texts, give the large
one (G) sentences that describe the picture, and the small one (L) words for its style.

Sizes tell the model the size of the photograph that the picture is made from, as Size Conditioning does. At 0 they are
those of the picture itself.
`,
  inputs: {
    clip: clip({ description: 'The text encoders of a Stable Diffusion XL checkpoint.' }),
    text2: text({
      label: 'Text G',
      multiline: 'prompt',
      description: 'What the large text encoder (OpenCLIP-G) reads.',
    }),
    text: text({ label: 'Text L', multiline: 'prompt', description: 'What the small text encoder (CLIP-L) reads.' }),
    ...sizeInputs,
    emphasis,
  },
  outputs: { conditioning: conditioning({ description: 'For the positive or negative input of a Sampler.' }) },
  infer: ({ clip: { family } }) => ({ conditioning: { kind: 'conditioning', family } }),
  check: ({ clip: { family } }) =>
    family === UNKNOWN || builtFamily(family)?.textEncoder2
      ? undefined
      : new LoomError('mismatch', `The text encoder is that of ${families[family].title}, which has only one.`, {
          input: 'clip',
          hint: 'Use a Prompt node.',
        }),
  advise: (_types, _facts, { text, text2 }) => [...adviseOnSyntax(text2, 'text2'), ...adviseOnSyntax(text, 'text')],
  lower: (plan, { clip, text, text2, emphasis, ...sizes }) => {
    const prompt = encodePrompt(plan, clip, { text, text2, emphasis })
    return {
      conditioning: plan.step(
        'edit-conditioning',
        { conditioning: prompt },
        { edit: { kind: 'size', size: chosenSizes(sizes) } },
      ),
    }
  },
})
