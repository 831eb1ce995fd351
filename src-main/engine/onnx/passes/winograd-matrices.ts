// The matrices of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (arXiv 1509.09308), sections 4.1 and
// 4.3: Y = A^T [(G g G^T) * (B^T d B)] A on patches d that overlap by two. For 4 outputs F(2x2, 3x3) needs 16
// multiplications, for 16 outputs F(4x4, 3x3) needs 36; direct convolution needs 36 and 144.

type Matrix = readonly (readonly number[])[]

/** F(size x size, 3x3) */
export interface Tile {
  /** Outputs along an axis. */
  readonly size: 2 | 4
  /** Multiplications per tile and pair of channels. */
  readonly products: number
  readonly plainInput: InputTransform
  readonly doubledInput: InputTransform
  /** `(size * size, products)`. The rows are the tile's columns, one after the other. */
  readonly output: Float32Array
  /** `(products, 9)` */
  readonly weight: Float32Array
}

/** The transform of a picture's patches, as a depthwise convolution. */
export interface InputTransform {
  /** Factor by which the picture is enlarged first, by repeating its pixels. */
  readonly scale: 1 | 2
  readonly kernel: Float32Array
  readonly kernelSize: number
  readonly stride: number
}

export const tile2 = tileOf({
  size: 2,
  input: [
    [1, 0, -1, 0],
    [0, 1, 1, 0],
    [0, -1, 1, 0],
    [0, 1, 0, -1],
  ],
  output: [
    [1, 1, 1, 0],
    [0, 1, -1, -1],
  ],
  weight: [
    [1, 0, 0],
    [1 / 2, 1 / 2, 1 / 2],
    [1 / 2, -1 / 2, 1 / 2],
    [0, 0, 1],
  ],
})

export const tile4 = tileOf({
  size: 4,
  input: [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
  ],
  output: [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
  ],
  weight: [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
  ],
})

interface Transforms {
  readonly size: Tile['size']
  /** `B^T` */
  readonly input: Matrix
  /** `A^T` */
  readonly output: Matrix
  /** `G` */
  readonly weight: Matrix
}

function tileOf({ size, input, output, weight }: Transforms): Tile {
  const patch = size + 2
  const doubling = doubled(input)
  return {
    size,
    products: patch ** 2,
    plainInput: { scale: 1, kernel: kronecker(input, input), kernelSize: patch, stride: size },
    doubledInput: { scale: 2, kernel: kronecker(doubling, doubling), kernelSize: patch / 2 + 1, stride: size / 2 },
    output: Float32Array.from(output.flatMap((column) => output.flatMap((row) => outer(row, column)))),
    weight: kronecker(weight, weight),
  }
}

/** The transform of a twofold enlargement from its source. Patches start in mid source pixel. */
function doubled(input: Matrix): Matrix {
  return input.map((row) => {
    const sums = new Array<number>(row.length / 2 + 1).fill(0)
    for (const [pixel, factor] of row.entries()) {
      const source = (pixel + 1) >> 1
      sums[source] = (sums[source] ?? 0) + factor
    }
    return sums
  })
}

function kronecker(a: Matrix, b: Matrix): Float32Array {
  return Float32Array.from(a.flatMap((left) => b.flatMap((right) => outer(left, right))))
}

function outer(left: readonly number[], right: readonly number[]): number[] {
  return left.flatMap((x) => right.map((y) => x * y))
}
