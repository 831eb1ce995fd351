import { mersenne } from 'pure-rand/generator/mersenne'

const BLOCK = 16
const HALF = BLOCK / 2

export interface NormalGenerator {
  /**
   * Draws the next `product(shape)` standard normals of the stream, row-major. A batch is one draw, not one draw per
   * item.
   */
  randn(shape: readonly number[]): Float32Array
}

/**
 * Normal noise like that of `torch.Generator('cpu')` and `torch.randn` (float32), so that a seed gives the same picture
 * as in diffusers. Draws of fewer than 16 values are equal. Larger ones differ by at most 2e-6, because PyTorch
 * approximates logarithm and cosine there.
 *
 * PyTorch seeds its Mersenne Twister with the low 32 bits only: seeds that differ by a multiple of 2^32 are equal.
 */
export class TorchGenerator implements NormalGenerator {
  readonly #twister
  /**
   * Draws of fewer than 16 values make normals in pairs. Like PyTorch, keeps the second of a pair for the next draw.
   */
  #spare: number | undefined

  constructor(seed: bigint) {
    this.#twister = mersenne(Number(BigInt.asIntN(32, seed)))
  }

  randn(shape: readonly number[]): Float32Array {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1))
    if (values.length < BLOCK) this.#fillPairs(values)
    else this.#fillBlocks(values)
    return values
  }

  #fillPairs(values: Float32Array): void {
    for (let i = 0; i < values.length; i++) {
      if (this.#spare !== undefined) {
        values[i] = this.#spare
        this.#spare = undefined
        continue
      }
      const angle = 2 * Math.PI * this.#uniform53()
      const radius = Math.sqrt(-2 * Math.log1p(-this.#uniform53()))
      values[i] = radius * Math.cos(angle)
      this.#spare = radius * Math.sin(angle)
    }
  }

  #fillBlocks(values: Float32Array): void {
    this.#fillUniform(values, 0)
    for (let start = 0; start + BLOCK <= values.length; start += BLOCK) boxMuller(values, start)
    if (values.length % BLOCK === 0) return
    const last = values.length - BLOCK
    this.#fillUniform(values, last)
    boxMuller(values, last)
  }

  #fillUniform(values: Float32Array, start: number): void {
    const twister = this.#twister
    for (let i = start; i < values.length; i++) values[i] = (twister.next() & 0xffffff) * 2 ** -24
  }

  /** Uniform in [0, 1) with 53 bits, from the low bits of two draws, high word first. */
  #uniform53(): number {
    const high = this.#twister.next() & 0x1fffff
    const low = this.#twister.next() >>> 0
    return (high * 2 ** 32 + low) * 2 ** -53
  }
}

/** Turns 16 uniforms into normals in place. The first eight give radii, the others angles. */
function boxMuller(values: Float32Array, start: number): void {
  for (let i = start; i < start + HALF; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - (values[i] ?? 0)))
    const angle = 2 * Math.PI * (values[i + HALF] ?? 0)
    values[i] = radius * Math.cos(angle)
    values[i + HALF] = radius * Math.sin(angle)
  }
}
