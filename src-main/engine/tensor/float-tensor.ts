/** A float32 tensor in JavaScript's memory, row-major. */
export interface FloatTensor {
  readonly data: Float32Array
  readonly shape: readonly number[]
}

export function floatBytes({ data }: FloatTensor): number {
  return data.byteLength
}

/** Size in bytes of a value that is a tensor. */
export const tensorBytes = ({ tensor }: { readonly tensor: FloatTensor }): number => floatBytes(tensor)

export function scalar(value: number): FloatTensor {
  return { data: Float32Array.of(value), shape: [] }
}

export function zeros(shape: readonly number[]): FloatTensor {
  return { data: new Float32Array(shape.reduce((product, size) => product * size, 1)), shape }
}

/** Width and height of `(batch, channels, height, width)`. */
export function planeSize({ shape }: FloatTensor): { width: number; height: number } {
  const [, , height = 0, width = 0] = shape
  return { width, height }
}
