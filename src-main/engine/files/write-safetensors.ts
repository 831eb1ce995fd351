import type { FileHandle } from 'node:fs/promises'
import { LoomError } from '#core/errors.ts'
import { byAlignment, encodeHeader, type TensorSpec, tensorByteLength } from '#core/formats/safetensors.ts'
import { replaceFile } from './atomic.ts'

export interface TensorSource extends TensorSpec {
  /** The bytes, little-endian in row-major order, at once or in pieces. */
  readonly data: Uint8Array | (() => Iterable<Uint8Array> | AsyncIterable<Uint8Array>)
}

/**
 * Writes a safetensors file atomically. An old file at `path` stays readable meanwhile, also as a source.
 * @throws LoomError `mismatch` if a source yields another number of bytes than its shape needs, `range`, `limit` or
 *   `io`.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorSource>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  await replaceFile(path, safetensorsContent(tensors, metadata))
}

/**
 * A function that writes a safetensors file in pieces: the header, then each tensor's data in the order of the file.
 * @throws LoomError `range` or `limit` for the header, at once. The function throws the other errors of
 *   `writeSafetensors`.
 */
export function safetensorsContent(
  tensors: Iterable<TensorSource>,
  metadata: ReadonlyMap<string, string>,
): (handle: FileHandle) => Promise<void> {
  const ordered = [...tensors].sort(byAlignment)
  const header = encodeHeader(ordered, metadata)
  return async (handle) => {
    await handle.writeFile(header)
    for (const tensor of ordered) await handle.writeFile(checkedPieces(tensor))
  }
}

async function* checkedPieces(tensor: TensorSource): AsyncGenerator<Uint8Array> {
  const expected = tensorByteLength(tensor)
  let written = 0
  for await (const piece of tensor.data instanceof Uint8Array ? [tensor.data] : tensor.data()) {
    written += piece.length
    if (written <= expected) yield piece
  }
  if (written !== expected) {
    const size = `${tensor.dtype} [${tensor.shape.join(', ')}] needs ${expected} bytes`
    throw new LoomError('mismatch', `Tensor "${tensor.name}": ${size}, its data have ${written}.`)
  }
}
