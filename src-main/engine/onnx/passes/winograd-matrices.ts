// The matrices of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (arXiv 1509.09308), section 4.3:
// F(4x4, 3x3) is Y = A^T [(G g G^T) * (B^T d B)] A on patches d of 6 x 6 that overlap by two. It needs 36
// multiplications for 16 outputs; direct convolution needs 144.

type Matrix = readonly (readonly number[])[]

/** Outputs of a tile along an axis. */
export const tile = 4
/** Inputs of a tile along an axis. */
const patch = tile + 2
/** Multiplications per tile and pair of channels. */
export const products = patch ** 2

const inputTransform: Matrix = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
]
const outputTransform: Matrix = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 2, -2, 0],
  [0, 1, 1, 4, 4, 0],
  [0, 1, -1, 8, -8, 1],
]
const weightTransform: Matrix = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
]
/** Source pixel of each of a patch's six pixels in a twofold enlargement, where patches start in mid source pixel. */
const doubledPixels = [0, 1, 1, 2, 2, 3]

/** The transform of a picture's patches, as a depthwise convolution. */
export interface InputTransform {
  /** Factor by which the picture is enlarged first, by repeating its pixels. */
  readonly scale: 1 | 2
  readonly kernel: Float32Array
  readonly kernelSize: number
  readonly stride: number
}

export const plainInput: InputTransform = {
  scale: 1,
  kernel: kronecker(inputTransform, inputTransform),
  kernelSize: patch,
  stride: tile,
}

const doubling = inputTransform.map((row) => {
  const sums = [0, 0, 0, 0]
  for (const [index, pixel] of doubledPixels.entries()) sums[pixel] = (sums[pixel] ?? 0) + (row[index] ?? 0)
  return sums
})
export const doubledInput: InputTransform = {
  scale: 2,
  kernel: kronecker(doubling, doubling),
  kernelSize: patch / 2 + 1,
  stride: tile / 2,
}

/** `(16, 36)` */
export const outputMatrix = kronecker(outputTransform, outputTransform)
/** `(36, 9)` */
export const weightMatrix = kronecker(weightTransform, weightTransform)

function kronecker(a: Matrix, b: Matrix): Float32Array {
  const rows = a.flatMap((left) => b.map((right) => left.flatMap((x) => right.map((y) => x * y))))
  return Float32Array.from(rows.flat())
}
