import { LoomError } from '#core/errors.ts'
import { parsePrompt } from '#core/formats/prompt.ts'
import type { StepRule } from '../runtime/executor.ts'
import type { FloatTensor, RuntimeValues, SessionValue } from '../runtime/values.ts'
import { chunkLength, chunkPrompt, type PromptChunks } from '../text/chunks.ts'
import { ClipTokenizer, endToken } from '../text/tokenizer.ts'
import { isWeighted, weightContext } from '../text/weighting.ts'
import { strengthFeeds } from './strengths.ts'
import { floatBytes } from './tensors.ts'

/** Chunks of 75 tokens that a prompt may have: attention to its context grows with them. */
const chunkLimit = 64

let tokenizer: Promise<ClipTokenizer> | undefined

/** Tokens, weights and chunks with ComfyUI's semantics, through the text encoder. */
export const encodePrompt: StepRule<'encode-prompt'> = {
  bytes: ({ context }) => floatBytes(context),
  async run({ emit }, { session, strengths }, { text }) {
    emit({ type: 'phase', phase: 'encode', label: session.session.name })
    tokenizer ??= ClipTokenizer.load()
    const options = { padToken: endToken }
    const chunks = chunkPrompt(parsePrompt(text), await tokenizer, options)
    if (chunks.count > chunkLimit) {
      throw new LoomError('limit', `The prompt has ${chunks.count} chunks of 75 tokens; ${chunkLimit} is the most.`, {
        input: 'text',
        hint: 'Shorten the prompt.',
      })
    }
    const context = await contextOf(session, strengths, chunks)
    const width = context.shape[2] ?? 0
    const weighted = isWeighted(chunks)
      ? weightContext(
          context.data,
          (await contextOf(session, strengths, chunkPrompt([], await tokenizer, options))).data,
          chunks,
          width,
        )
      : context.data
    return { context: { data: weighted, shape: [1, chunks.count * chunkLength, width] } }
  },
}

/** `(chunks, 77, width)` */
async function contextOf(
  { session }: SessionValue,
  strengths: RuntimeValues['strengths'] | undefined,
  chunks: PromptChunks,
): Promise<FloatTensor> {
  const tokens = { data: BigInt64Array.from(chunks.ids, BigInt), shape: [chunks.count, chunkLength] }
  const { context } = await session.run({ tokens, ...strengthFeeds(strengths) })
  if (!context) throw new LoomError('internal', 'The text encoder gave no context.')
  return context
}
