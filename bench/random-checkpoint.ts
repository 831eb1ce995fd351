/// <reference lib="esnext.float16" />
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { TensorSpec } from '#core/formats/safetensors.ts'
import { type TensorSource, writeSafetensors } from '#engine/files/write-safetensors.ts'
import { singleFiles } from '#test/fixtures/published.ts'
import { sd15EmaTensors } from '#test/fixtures/sd15-ema.ts'

const blockSize = 1 << 20

/** Names and shapes of SD1.5's tensors, without EMA copies: 2.1 GB. */
export const sd15Tensors = (): TensorSpec[] =>
  sd15EmaTensors().filter(({ name, dtype }) => dtype === 'F32' && !name.startsWith('model_ema.'))

/** Names and shapes of SDXL's tensors: 6.9 GB. */
export const sdxlTensors = (): TensorSpec[] => singleFiles.sdxl('sdxl').filter(({ dtype }) => dtype === 'F16')

/**
 * Writes a checkpoint of random float16 weights, unless it exists. The weights keep activations of order 1 throughout
 * the network, because denormal numbers and infinities would distort the times.
 */
export async function randomCheckpoint(path: string, tensors: readonly TensorSpec[]): Promise<string> {
  if (existsSync(path)) return path
  await mkdir(dirname(path), { recursive: true })
  const block = uniform(2 * blockSize)
  await writeSafetensors(
    path,
    tensors.map(
      ({ name, shape }): TensorSource => ({ name, dtype: 'F16', shape, data: () => pieces(name, shape, block) }),
    ),
  )
  return path
}

/**
 * Values of a tensor: around 1 for a norm's scale, otherwise uniform, with the variance that keeps activations at 1.
 */
function* pieces(name: string, shape: TensorSpec['shape'], block: Float32Array): Iterable<Uint8Array> {
  const size = shape.reduce((product, dim) => product * dim, 1)
  const inner = shape.slice(1).reduce((product, dim) => product * dim, 1)
  const [offset, scale] = shape.length >= 2 ? [0, Math.sqrt(3 / inner)] : [name.endsWith('weight') ? 1 : 0, 0.1]
  // each tensor has another offset: ONNX Runtime would store equal packed weights once, and real models have none
  const start = hashOf(name) % blockSize
  const values = block.subarray(start, start + Math.min(size, blockSize))
  const halves = Float16Array.from(values, (value) => offset + scale * value)
  for (let left = size; left > 0; left -= blockSize) {
    yield new Uint8Array(halves.buffer, 0, 2 * Math.min(left, blockSize))
  }
}

/** FNV-1a, 32 bit. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5
  for (const sign of name) hash = Math.imul(hash ^ sign.charCodeAt(0), 0x01000193)
  return hash >>> 0
}

/** Uniform in [-1, 1), the same on every machine. */
function uniform(size: number): Float32Array {
  let state = 0x9e3779b9
  return new Float32Array(size).map(() => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state / 2 ** 31
  })
}
