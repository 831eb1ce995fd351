import { type FloatTensor, zeros } from './float-tensor.ts'
import { joined } from './linear.ts'

/** One item of a batch. A single item is used for every index. */
export function itemOf({ data, shape }: FloatTensor, index: number): Float32Array {
  const size = data.length / (shape[0] ?? 1)
  const at = shape[0] === 1 ? 0 : index
  return data.subarray(at * size, (at + 1) * size)
}

/** Splits a batch into batches of one. */
export function unbatched(tensor: FloatTensor): FloatTensor[] {
  const shape = tensor.shape.with(0, 1)
  return Array.from({ length: tensor.shape[0] ?? 1 }, (_, i) => ({ data: itemOf(tensor, i), shape }))
}

/** Joins batches of one to one batch. */
export function batched(tensors: readonly FloatTensor[]): FloatTensor {
  const [, ...rest] = tensors[0]?.shape ?? []
  return { data: joined(tensors.map(({ data }) => data)), shape: [tensors.length, ...rest] }
}

/** One item for each picture of a batch. A single item is repeated. */
export function repeated(tensor: FloatTensor, batch: number): FloatTensor {
  if (tensor.shape[0] === batch) return tensor
  return pick(
    tensor,
    Array.from({ length: batch }, () => 0),
  )
}

/** The items of the batch at these indices. */
export function pick({ data, shape }: FloatTensor, indices: readonly number[]): FloatTensor {
  const size = data.length / (shape[0] ?? 1)
  const result = zeros(shape.with(0, indices.length))
  for (const [i, index] of indices.entries()) result.data.set(data.subarray(index * size, (index + 1) * size), i * size)
  return result
}

/** Concatenates two batches whose items have the same shape. */
export function concatenate(first: FloatTensor, second: FloatTensor): FloatTensor {
  const shape = first.shape.with(0, (first.shape[0] ?? 0) + (second.shape[0] ?? 0))
  return { data: joined([first.data, second.data]), shape }
}
