import type { PromptSegment } from '#core/formats/prompt.ts'
import { type ClipTokenizer, endToken, startToken } from './tokenizer.ts'

/** Tokens that a CLIP text encoder takes at a time: start, 75 of the prompt, end. */
export const chunkLength = 77

/** A segment of fewer tokens than this is not split across chunks. */
const splitLength = 8

/** A prompt as a CLIP text encoder takes it. */
export interface PromptChunks {
  readonly count: number
  /** Tokens, [count, 77]. */
  readonly ids: Int32Array
  /** Weight of every token, [count, 77]; 1 for start, end and padding. */
  readonly weights: Float64Array
}

/**
 * Packs segments into chunks with ComfyUI's semantics: a segment of 8 tokens or more is split where a chunk ends, a shorter one
 * moves to the next chunk as a whole. No segments make the empty chunk, which weighting needs too.
 *
 * @param padToken Fills a chunk behind its end: `endToken` for CLIP-L, 0 for OpenCLIP.
 */
export function chunkPrompt(
  segments: readonly PromptSegment[],
  tokenizer: Pick<ClipTokenizer, 'encode'>,
  { padToken }: { readonly padToken: number },
): PromptChunks {
  const capacity = chunkLength - 2
  const chunks: Chunk[] = []
  let chunk = openChunk(chunks)
  for (const { text, weight } of segments) {
    const tokens = tokenizer.encode(text)
    const whole = tokens.length < splitLength
    for (let taken = 0; taken < tokens.length; ) {
      const space = capacity - chunk.ids.length
      const left = tokens.length - taken
      const count = left <= space ? left : whole ? 0 : space
      for (const token of tokens.slice(taken, taken + count)) {
        chunk.ids.push(token)
        chunk.weights.push(weight)
      }
      taken += count
      if (count < left) chunk = openChunk(chunks)
    }
  }

  const ids = new Int32Array(chunks.length * chunkLength).fill(padToken)
  const weights = new Float64Array(chunks.length * chunkLength).fill(1)
  for (const [index, { ids: tokens, weights: tokenWeights }] of chunks.entries()) {
    const start = index * chunkLength
    ids[start] = startToken
    ids.set(tokens, start + 1)
    ids[start + 1 + tokens.length] = endToken
    weights.set(tokenWeights, start + 1)
  }
  return { count: chunks.length, ids, weights }
}

/** The tokens of one chunk between start and end. */
interface Chunk {
  readonly ids: number[]
  readonly weights: number[]
}

function openChunk(chunks: Chunk[]): Chunk {
  const chunk: Chunk = { ids: [], weights: [] }
  chunks.push(chunk)
  return chunk
}
