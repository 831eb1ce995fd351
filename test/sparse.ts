/// <reference lib="esnext.float16" />
import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { byAlignment, encodeHeader, type TensorSpec, tensorByteLength } from '#core/formats/safetensors.ts'

export interface SparseOptions {
  readonly metadata?: Readonly<Record<string, string>>
  /** Values of float16 or float32 scalars. All other data are zeros. */
  readonly scalars?: ReadonlyMap<string, number>
}

/** Writes a safetensors file of zeros as a sparse file, which takes no space on the drive, whatever its size. */
export function writeSparse(path: string, tensors: Iterable<TensorSpec>, options: SparseOptions = {}): string {
  const ordered = Array.from(tensors).sort(byAlignment)
  const header = encodeHeader(ordered, new Map(Object.entries(options.metadata ?? {})))
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'w')
  let position = writeSync(file, header)
  for (const tensor of ordered) {
    const value = options.scalars?.get(tensor.name)
    if (value !== undefined) writeSync(file, scalarBytes(tensor.dtype, value), 0, undefined, position)
    position += tensorByteLength(tensor)
  }
  ftruncateSync(file, position)
  closeSync(file)
  return path
}

function scalarBytes(dtype: TensorSpec['dtype'], value: number): Uint8Array {
  if (dtype === 'F16') return new Uint8Array(new Float16Array([value]).buffer)
  if (dtype === 'F32') return new Uint8Array(new Float32Array([value]).buffer)
  throw new Error(`A sparse file has no scalars of ${dtype}.`)
}

/** Tensor specs from the names and shapes in a golden. */
export function specsOf(
  shapes: Readonly<Record<string, readonly number[]>>,
  dtype: TensorSpec['dtype'] = 'F16',
): TensorSpec[] {
  return Object.entries(shapes).map(([name, shape]) => ({ name, dtype, shape }))
}
