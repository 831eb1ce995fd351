import { type FloatTensor, zeros } from './float-tensor.ts'
import { joined } from './linear.ts'

/** One item of a batch. A single item is used for every index. */
export function itemOf({ data, shape }: FloatTensor, index: number): Float32Array {
  const size = data.length / (shape[0] ?? 1)
  const at = shape[0] === 1 ? 0 : index
  return data.subarray(at * size, (at + 1) * size)
}

/** The tensors of a batch, one by one, each a batch of its own. */
export function unbatched(tensor: FloatTensor): FloatTensor[] {
  const shape = tensor.shape.with(0, 1)
  return Array.from({ length: tensor.shape[0] ?? 1 }, (_, i) => ({ data: itemOf(tensor, i), shape }))
}

/** Batches of one as one batch. */
export function batched(tensors: readonly FloatTensor[]): FloatTensor {
  const [, ...rest] = tensors[0]?.shape ?? []
  return { data: joined(tensors.map(({ data }) => data)), shape: [tensors.length, ...rest] }
}

/** One item for each picture of a batch: a tensor that is for all of them is repeated. */
export function repeated(tensor: FloatTensor, batch: number): FloatTensor {
  if (tensor.shape[0] === batch) return tensor
  return pick(
    tensor,
    Array.from({ length: batch }, () => 0),
  )
}

/** Items of the batch, in the order of the indices. */
export function pick({ data, shape }: FloatTensor, indices: readonly number[]): FloatTensor {
  const size = data.length / (shape[0] ?? 1)
  const result = zeros(shape.with(0, indices.length))
  for (const [i, index] of indices.entries()) result.data.set(data.subarray(index * size, (index + 1) * size), i * size)
  return result
}

/** One batch after the other; what is not of the batch's size has to be alike. */
export function concatenate(first: FloatTensor, second: FloatTensor): FloatTensor {
  const shape = first.shape.with(0, (first.shape[0] ?? 0) + (second.shape[0] ?? 0))
  return { data: joined([first.data, second.data]), shape }
}
