import { LoomError } from '#core/errors.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'

/**
 * The common batch size of tensors. Each has that many items, or one that is used for all.
 * @param tensors by the names of the node's inputs
 * @throws LoomError `mismatch`, with the input
 */
export function commonBatch(tensors: Readonly<Record<string, FloatTensor | undefined>>): number {
  const sizes = Object.entries(tensors).flatMap(([input, tensor]) =>
    tensor ? [[input, tensor.shape[0] ?? 0] as const] : [],
  )
  const batch = Math.max(...sizes.map(([, size]) => size))
  const odd = sizes.find(([, size]) => size !== 1 && size !== batch)
  if (!odd) return batch
  throw new LoomError('mismatch', `${odd[1]} pictures come as ${odd[0]} and ${batch} beside them.`, {
    input: odd[0],
    hint: 'Give as many on both sides, or a single one for all; Pick Image takes some of a batch.',
  })
}
