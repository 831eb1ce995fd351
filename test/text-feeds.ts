import type { Feeds } from './onnx.ts'

interface Tokens {
  readonly data: BigInt64Array
  readonly shape: readonly number[]
}

/**
 * The inputs of a text encoder's tower for tokens without embeddings.
 * @param tokens `[chunks, positions]`
 * @param suffix of the names of the tower's inputs
 */
export function textFeeds(tokens: Tokens, width: number, suffix: '' | '2' = ''): Feeds {
  const count = tokens.data.length
  return {
    [`tokens${suffix}`]: tokens,
    [`vectors${suffix}`]: { data: new Float32Array(count * width), shape: [...tokens.shape, width] },
    [`plain${suffix}`]: { data: new Float32Array(count).fill(1), shape: [...tokens.shape, 1] },
  }
}
