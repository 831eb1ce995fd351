import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { LoomError } from '#core/errors.ts'
import { encodeHeader } from '#core/formats/safetensors.ts'
import { graphOf } from '../onnx/constants.ts'
import { product } from '../onnx/dim.ts'
import { encode } from '../onnx/encode.ts'
import type { Value } from '../onnx/ir.ts'
import type { SessionOptions } from '../ort/binding.ts'
import { binding } from '../ort/open.ts'
import { alone } from '../runtime/alone.ts'

/** Bytes that are computed at once; a larger tensor is computed alone. */
const batchBytes = 128 * 2 ** 20
/** Bytes to whose multiples the kernels would have weights begin, and to which the data of a file begin. */
const alignment = 64
const headerAlignment = 4096

/** Milliseconds that the disk may take in any case. */
const patience = 2_000

/** The disk takes longer than the work that it saves. */
export class SlowDisk extends Error {}

export interface Filling {
  readonly handle: FileHandle
  /** Float32 values that depend on weights alone, with the names of their tensors. */
  readonly values: ReadonlyMap<string, Value>
  readonly sessionOptions: SessionOptions
  readonly signal?: AbortSignal | undefined
  /** Called after each batch. What it throws ends the filling. */
  readonly progress: (step: number, steps: number) => Promise<void>
}

/**
 * Writes a safetensors file of the values, computed by ONNX Runtime on all threads, so that they are what a session would fold,
 * to the bit. A batch is computed while the one before is written; memory holds two.
 * @returns the CRC-32 of each tensor
 * @throws SlowDisk; the errors of the operating system, of ONNX Runtime and of `progress`
 */
export async function fill(filling: Filling): Promise<number[]> {
  const { handle, values, signal, progress } = filling
  const ordered = Array.from(values).sort(([, a], [, b]) => misaligned(a) - misaligned(b))
  const specs = ordered.map(([name, { shape }]) => ({ name, dtype: 'F32' as const, shape: shape.map(Number) }))
  const header = encodeHeader(specs, new Map(), headerAlignment)
  await writeAll(handle, [header], 0)
  const batches = batchesOf(ordered.map(([, value]) => value))
  const sums: number[] = []
  let writing = Promise.resolve()
  let [computed, waited, position] = [0, 0, header.length]
  for (const [index, batch] of batches.entries()) {
    const started = performance.now()
    const tensors = await alone(() => compute(batch, filling), signal)
    for (const tensor of tensors) sums.push(crc32(tensor))
    computed += performance.now() - started
    waited += await timed(writing)
    if (waited > patience + 2 * computed) throw new SlowDisk()
    writing = write(handle, tensors, position)
    position += bytesOf(batch)
    // it is awaited in the next round, or by the close of the file
    writing.catch(() => {})
    await progress(index + 1, batches.length)
  }
  await writing
  return sums
}

const bytesOf = (values: readonly Value[]): number =>
  values.reduce((sum, { shape }) => sum + 4 * Number(product(shape)), 0)

/** Tensors that would put the next one off the alignment come last, so that no gaps are needed. */
const misaligned = (value: Value): number => Number(bytesOf([value]) % alignment !== 0)

function batchesOf(values: readonly Value[]): Value[][] {
  const batches: Value[][] = []
  let bytes = 0
  for (const value of values) {
    const own = bytesOf([value])
    const last = batches.at(-1)
    if (last && bytes + own <= batchBytes) {
      last.push(value)
      bytes += own
    } else {
      batches.push([value])
      bytes = own
    }
  }
  return batches
}

/** The bytes of each value. */
async function compute(values: readonly Value[], { sessionOptions, signal }: Filling): Promise<Uint8Array[]> {
  const session = await binding.createSession(encode(graphOf(values)), sessionOptions, signal)
  try {
    const outputs = await session.run(new Map(), signal)
    return values.map((_, index) => {
      const output = outputs.get(String(index))
      const data = output?.data()
      output?.release()
      if (!data) throw new LoomError('internal', `A session has no output ${index}.`)
      return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    })
  } finally {
    await session.release()
  }
}

/** While a batch is written, the drive takes what came before, so that its speed shows while something can be done about it. */
async function write(handle: FileHandle, tensors: readonly Uint8Array[], position: number): Promise<void> {
  await Promise.all([writeAll(handle, tensors, position), handle.datasync()])
}

async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[], from: number): Promise<void> {
  let position = from
  for (const piece of pieces) {
    for (let done = 0; done < piece.length; ) {
      const { bytesWritten } = await handle.write(piece, done, piece.length - done, position)
      done += bytesWritten
      position += bytesWritten
    }
  }
}

async function timed(work: Promise<void>): Promise<number> {
  const started = performance.now()
  await work
  return performance.now() - started
}
