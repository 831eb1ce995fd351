import { parsePrompt } from '#core/formats/prompt.ts'
import { splitEmbeddings } from '#core/formats/prompt-embeddings.ts'
import { chunkLength, chunkPrompt } from '#engine/text/chunks.ts'
import { ClipTokenizer } from '#engine/text/tokenizer.ts'
import type { Handlers } from '../handlers.ts'

let tokenizer: Promise<ClipTokenizer> | undefined

/**
 * Counts as the engine does, weights and parentheses left out; the begin and the end of a chunk are not counted, nor are
 * embeddings, whose files tell their length.
 */
export const tokens: Handlers<'tokens'>['tokens'] = async ({ body: { text } }) => {
  tokenizer ??= ClipTokenizer.load()
  const words = splitEmbeddings(parsePrompt(text)).filter((segment) => 'text' in segment)
  const { count, ids } = chunkPrompt(words, await tokenizer, { padToken: -1 })
  let used = 0
  for (let chunk = 0; chunk < count; chunk++) {
    used += ids.subarray(chunk * chunkLength, (chunk + 1) * chunkLength).filter((id) => id >= 0).length - 2
  }
  return { tokens: used, chunks: count }
}
