import { bitsOf, type TensorInfo } from '../safetensors.ts'

/** Whether elements lie row by row. Strides of axes with one element mean nothing. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1
    if (length === 0) return true
    if (length > 1 && strides[axis] !== expected) return false
    expected *= length
  }
  return true
}

/** Bytes from the first element of a tensor to behind its last. */
export function spanOf({ dtype, shape, byteLength, layout }: TensorInfo): number {
  if (!layout || byteLength === 0) return byteLength
  return (
    (shape.reduce((sum, length, axis) => sum + (length - 1) * (layout.strides[axis] ?? 0), 0) + 1) * (bitsOf(dtype) / 8)
  )
}

/**
 * The elements of a tensor row by row and lowest byte first.
 * @param bytes those of `spanOf`, from the tensor's offset on
 */
export function unfold(bytes: Uint8Array, { dtype, shape, byteLength, layout }: TensorInfo): Uint8Array {
  if (!layout) return bytes
  const size = bitsOf(dtype) / 8
  // a complex number is two numbers
  const part = dtype === 'C64' ? 4 : size
  const dense = new Uint8Array(byteLength)
  const index = shape.map(() => 0)
  for (let at = 0; at < byteLength; at += size) {
    const from = index.reduce((sum, each, axis) => sum + each * (layout.strides[axis] ?? 0), 0) * size
    for (let byte = 0; byte < size; byte++) {
      const inPart = byte % part
      dense[at + byte] = bytes[from + byte - inPart + (layout.bigEndian ? part - 1 - inPart : inPart)] ?? 0
    }
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1
      if ((index[axis] ?? 0) < (shape[axis] ?? 0)) break
      index[axis] = 0
    }
  }
  return dense
}
