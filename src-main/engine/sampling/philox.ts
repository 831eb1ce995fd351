import type { NormalGenerator } from './noise.ts'

const ROUNDS = 10
const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const
const WEYL = [0x9e3779b9, 0xbb67ae85] as const

type Words = [number, number, number, number]

/**
 * Philox 4x32-10: a block of four 32-bit words from a counter and a key (Salmon et al., "Parallel Random Numbers: As
 * Easy as 1, 2, 3", 2011, section 4.2).
 */
export function philox(counter: Words, key: readonly [low: number, high: number]): Words {
  let [a, b, c, d] = counter
  let [low, high] = key
  for (let round = 0; round < ROUNDS; round++) {
    const [lowOfA, highOfA] = product(MULTIPLIERS[0], a)
    const [lowOfC, highOfC] = product(MULTIPLIERS[1], c)
    ;[a, b, c, d] = [(highOfC ^ b ^ low) >>> 0, lowOfC, (highOfA ^ d ^ high) >>> 0, lowOfA]
    low = (low + WEYL[0]) >>> 0
    high = (high + WEYL[1]) >>> 0
  }
  return [a, b, c, d]
}

/** The 64-bit product of two words. Math.imul gives the low word; the high word is computed from 16-bit halves. */
function product(x: number, y: number): readonly [low: number, high: number] {
  const [x0, x1, y0, y1] = [x & 0xffff, x >>> 16, y & 0xffff, y >>> 16]
  const middle = x1 * y0 + ((x0 * y0) >>> 16)
  const other = x0 * y1 + (middle & 0xffff)
  return [Math.imul(x, y) >>> 0, x1 * y1 + Math.floor(middle / 0x10000) + (other - (other % 0x10000)) / 0x10000]
}

/**
 * Normal noise like that of `torch.Generator('cuda')` and `torch.randn` (float32): the n-th value of a draw is the sine
 * term of curand's Box-Muller transform, for the counter (draw, n). All 64 bits of the seed are used.
 *
 * If a draw has more values than the GPU runs threads at once, PyTorch uses the other normals of a block too, so GPUs
 * differ. Up to that size (tens of thousands on small GPUs) all GPUs draw these values.
 */
export class PhiloxGenerator implements NormalGenerator {
  readonly #key: readonly [number, number]
  #draws = 0

  constructor(seed: bigint) {
    this.#key = [Number(BigInt.asUintN(32, seed)), Number(BigInt.asUintN(32, seed >> 32n))]
  }

  randn(shape: readonly number[]): Float32Array {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1))
    for (let i = 0; i < values.length; i++) {
      const [u, v] = philox([this.#draws, 0, i, 0], this.#key)
      values[i] = Math.sqrt(-2 * Math.log(uniform(u))) * Math.sin(2 * Math.PI * uniform(v))
    }
    this.#draws++
    return values
  }
}

/** A number in (0, 1), the middle of the word's interval. */
function uniform(word: number): number {
  return (word + 0.5) * 2 ** -32
}
