import type { PromptSegment } from '#core/formats/prompt.ts'
import { type ClipTokenizer, endToken, startToken } from './tokenizer.ts'

/** Tokens per input of a CLIP text encoder: start, 75 of the prompt, end. */
export const chunkLength = 77

/** A segment of fewer tokens than this is not split across chunks. */
const splitLength = 8

/** Vectors that take the place of rows of the token embedding. */
interface VectorSegment {
  readonly vectors: readonly Float32Array[]
  readonly weight: number
}

/** A prompt as input of a CLIP text encoder. */
export interface PromptChunks {
  readonly count: number
  /** Tokens, [count, 77]; 0 at the position of a vector. */
  readonly ids: Int32Array
  /** Weight of every token, [count, 77]; 1 for start, end and padding. */
  readonly weights: Float64Array
  /** Vectors by their index in `ids`. */
  readonly vectors: ReadonlyMap<number, Float32Array>
}

interface ChunkOptions {
  /** Fills a chunk after its end token: `endToken` for CLIP-L, 0 for OpenCLIP. */
  readonly padToken: number
  /** Minimum number of chunks, padded with empty ones. */
  readonly least?: number
}

/**
 * Packs segments into chunks with ComfyUI's semantics: a segment of 8 tokens or more is split at the end of a chunk, a
 * shorter one moves to the next chunk as a whole. Without segments the result is the empty chunk, which weighting
 * needs.
 */
export function chunkPrompt(
  segments: readonly (PromptSegment | VectorSegment)[],
  tokenizer: Pick<ClipTokenizer, 'encode'>,
  { padToken, least = 1 }: ChunkOptions,
): PromptChunks {
  const capacity = chunkLength - 2
  const chunks: Chunk[] = []
  let chunk = openChunk(chunks)
  for (const segment of segments) {
    const tokens = 'vectors' in segment ? segment.vectors : tokenizer.encode(segment.text)
    const whole = tokens.length < splitLength
    for (let taken = 0; taken < tokens.length; ) {
      const space = capacity - chunk.tokens.length
      const left = tokens.length - taken
      const count = left <= space ? left : whole ? 0 : space
      for (const token of tokens.slice(taken, taken + count)) {
        chunk.tokens.push(token)
        chunk.weights.push(segment.weight)
      }
      taken += count
      if (count < left) chunk = openChunk(chunks)
    }
  }
  while (chunks.length < least) openChunk(chunks)

  const ids = new Int32Array(chunks.length * chunkLength).fill(padToken)
  const weights = new Float64Array(chunks.length * chunkLength).fill(1)
  const vectors = new Map<number, Float32Array>()
  for (const [index, { tokens, weights: tokenWeights }] of chunks.entries()) {
    const start = index * chunkLength
    ids[start] = startToken
    for (const [i, token] of tokens.entries()) {
      ids[start + 1 + i] = typeof token === 'number' ? token : 0
      if (typeof token !== 'number') vectors.set(start + 1 + i, token)
    }
    ids[start + 1 + tokens.length] = endToken
    weights.set(tokenWeights, start + 1)
  }
  return { count: chunks.length, ids, weights, vectors }
}

/** The tokens of a chunk between start and end token. */
interface Chunk {
  readonly tokens: (number | Float32Array)[]
  readonly weights: number[]
}

function openChunk(chunks: Chunk[]): Chunk {
  const chunk: Chunk = { tokens: [], weights: [] }
  chunks.push(chunk)
  return chunk
}
