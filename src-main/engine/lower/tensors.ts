import type { FloatTensor } from '../runtime/values.ts'

export function floatBytes({ data }: FloatTensor): number {
  return data.byteLength
}

export function zeros(shape: readonly number[]): FloatTensor {
  return { data: new Float32Array(shape.reduce((product, size) => product * size, 1)), shape }
}
