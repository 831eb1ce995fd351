import { LoomError } from '#core/errors.ts'

/**
 * Classifier-free guidance, `uncond + guidance (cond - uncond)` (arXiv 2207.12598, with diffusers' scale: 1 is off).
 *
 * @param batched the network's output of a batched pass, `[uncond; cond]`: twice the latent's size.
 * @returns the guided output, of the latent's size.
 */
export function guide(batched: Float32Array, guidance: number): Float32Array {
  const size = batched.length / 2
  const guided = new Float32Array(size)
  for (let i = 0; i < size; i++) {
    const uncond = batched[i] ?? 0
    guided[i] = uncond + guidance * ((batched[size + i] ?? 0) - uncond)
  }
  return guided
}

const { fround } = Math
const MAX_PERIOD = 10_000

/**
 * The guidance embedding of full LCMs, which take guidance as an input instead of a second pass: sines, then cosines,
 * of `1000 (guidance - 1)` (arXiv 2310.04378, section 4.2). Rounds to float32 where diffusers does, because rounding is
 * noticeable at angles of several thousand.
 *
 * @param dimension `time_cond_proj_dim` of the UNet, 256 in the published models.
 * @returns `[dimension]`
 * @throws LoomError `range` unless the dimension is an even number of at least 4.
 */
export function guidanceEmbedding(guidance: number, dimension: number): Float32Array {
  if (!Number.isInteger(dimension) || dimension < 4 || dimension % 2 !== 0) {
    throw new LoomError('range', `A guidance embedding of ${dimension} values is not possible.`, {
      hint: 'The dimension has to be even and at least 4; published models have 256.',
    })
  }
  const half = dimension / 2
  const decay = fround(-Math.log(MAX_PERIOD) / (half - 1))
  const scaled = fround(fround(guidance - 1) * 1000)
  const embedding = new Float32Array(dimension)
  for (let i = 0; i < half; i++) {
    const angle = fround(scaled * fround(Math.exp(fround(i * decay))))
    embedding[i] = Math.sin(angle)
    embedding[half + i] = Math.cos(angle)
  }
  return embedding
}
