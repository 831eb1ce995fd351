import type { SavedDtype } from '#core/plan/attributes.ts'
import { decodeFloats } from '../files/decode-numbers.ts'
import { readExactly, withRegularFile } from '../files/regular-file.ts'
import type { TensorSource } from '../files/write-safetensors.ts'
import type { TensorRef } from '../models/weights.ts'
import { foldedWeight } from './folded-weight.ts'
import type { StoredTensor } from './layout.ts'
import { isSavedDtype, rounded } from './numbers.ts'

/** A tensor for the writer. It is read and computed only when it is written. */
export function tensorSource(tensor: StoredTensor, dtype: SavedDtype): TensorSource {
  const { name, shape, pieces } = tensor
  return {
    name,
    shape,
    dtype,
    async *data() {
      for (const piece of pieces) yield await pieceBytes(tensor, piece, dtype)
    },
  }
}

/** Copies unchanged tensors, and rounds them if the dtype differs. Computes all others. */
async function pieceBytes(tensor: StoredTensor, piece: string, dtype: SavedDtype): Promise<Uint8Array> {
  const { weights, turned, name } = tensor
  const ref = weights.tensors.get(piece)
  if (ref && (ref.turned ?? false) === turned && !weights.deltas.has(piece) && isSavedDtype(ref.dtype)) {
    const bytes = await bytesOf(ref)
    return ref.dtype === dtype ? bytes : rounded(decodeFloats(ref.dtype, bytes), dtype, name)
  }
  const values = await foldedWeight(weights, piece)
  return rounded(turned ? transposed(values, Number(tensor.shape[1])) : values, dtype, name)
}

function bytesOf({ file, offset, byteLength }: TensorRef): Promise<Uint8Array> {
  return withRegularFile(file, (open) => readExactly(open, offset, byteLength))
}

/** @param columns number of columns in the result */
function transposed(values: Float32Array, columns: number): Float32Array {
  const rows = values.length / columns
  return values.map((_, i) => values[(i % columns) * rows + Math.floor(i / columns)] ?? 0)
}
