import { Tensor } from 'onnxruntime-node'

/**
 * The inputs of a text encoder's tower for tokens without embeddings.
 * @param tokens `[chunks, positions]`
 * @param suffix of the names of the tower's inputs
 */
export function textFeeds(tokens: Tensor, width: number, suffix: '' | '2' = ''): Readonly<Record<string, Tensor>> {
  const count = tokens.size
  return {
    [`tokens${suffix}`]: tokens,
    [`vectors${suffix}`]: new Tensor('float32', new Float32Array(count * width), [...tokens.dims, width]),
    [`plain${suffix}`]: new Tensor('float32', new Float32Array(count).fill(1), [...tokens.dims, 1]),
  }
}
