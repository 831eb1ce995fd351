import type { FileHandle } from 'node:fs/promises'
import { encodeHeader } from '#core/formats/safetensors.ts'
import { inTime } from '#core/in-time.ts'
import { float32Bytes, graphOf } from '../onnx/constants.ts'
import { encode } from '../onnx/encode.ts'
import type { Value } from '../onnx/ir.ts'
import type { SessionOptions } from '../ort/binding.ts'
import { binding } from '../ort/open.ts'
import { alone } from '../runtime/alone.ts'

/** Bytes that are computed at once, few enough to stay in the caches until they are written; a larger tensor comes alone. */
const batchBytes = 16 * 2 ** 20
/** Bytes to whose multiples the kernels would have weights begin, and to which the data of a file begin. */
const alignment = 64
const headerAlignment = 4096

/** Milliseconds that the disk may take in any case. */
const patience = 2_000
/** A session that computes its weights itself takes so much longer, for it does so on one thread and into new memory. */
const saved = 4

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
 * to the bit. A batch is computed while the one before is handed to the system, which brings it to the drive when it likes;
 * memory holds two.
 * @throws SlowDisk; the errors of the operating system, of ONNX Runtime and of `progress`
 */
export async function fill(filling: Filling): Promise<void> {
  const { handle, values, signal, progress } = filling
  const ordered = Array.from(values).sort(([, a], [, b]) => misaligned(a) - misaligned(b))
  const specs = ordered.map(([name, { shape }]) => ({ name, dtype: 'F32' as const, shape: shape.map(Number) }))
  const header = encodeHeader(specs, new Map(), headerAlignment)
  const batches = batchesOf(ordered.map(([, value]) => value))
  const largest = Math.max(0, ...batches.map(({ bytes }) => bytes))
  // memory that was used before costs no page faults
  const buffers = [new ArrayBuffer(largest), new ArrayBuffer(largest)] as const
  let writing = writeAll(handle, header, 0)
  let [computed, waited, position] = [0, 0, header.length]
  writing.catch(() => {})
  const written = async () => {
    const started = performance.now()
    await inTime(writing, patience + saved * computed - waited, () => {
      throw new SlowDisk()
    })
    waited += performance.now() - started
  }
  for (const [index, batch] of batches.entries()) {
    const started = performance.now()
    const bytes = new Uint8Array(buffers[index % 2 === 0 ? 0 : 1], 0, batch.bytes)
    await alone(() => compute(batch, bytes, filling), signal)
    computed += performance.now() - started
    await written()
    writing = writeAll(handle, bytes, position)
    position += bytes.length
    // it is awaited in the next round, or by the close of the file
    writing.catch(() => {})
    await progress(index + 1, batches.length)
  }
  await written()
}

/** Tensors that would put the next one off the alignment come last, so that no gaps are needed. */
const misaligned = (value: Value): number => Number(float32Bytes(value) % alignment !== 0)

/** Values that are computed together. */
interface Batch {
  readonly values: Value[]
  bytes: number
}

function batchesOf(values: readonly Value[]): readonly Batch[] {
  const batches: Batch[] = []
  for (const value of values) {
    const own = float32Bytes(value)
    const last = batches.at(-1)
    if (last && last.bytes + own <= batchBytes) {
      last.values.push(value)
      last.bytes += own
    } else batches.push({ values: [value], bytes: own })
  }
  return batches
}

/** Computes the values into the bytes, one behind the other. */
async function compute(
  { values }: Batch,
  { buffer, byteOffset }: Uint8Array<ArrayBuffer>,
  { sessionOptions, signal }: Filling,
): Promise<void> {
  const session = await binding.createSession(encode(graphOf(values)), sessionOptions, signal)
  try {
    let offset = byteOffset
    const places = values.map((value, index) => {
      const data = new Float32Array(buffer, offset, float32Bytes(value) / Float32Array.BYTES_PER_ELEMENT)
      offset += data.byteLength
      return [String(index), binding.tensor('float32', data, value.shape.map(Number))] as const
    })
    try {
      await session.run(new Map(), signal, new Map(places))
    } finally {
      for (const [, tensor] of places) tensor.release()
    }
  } finally {
    await session.release()
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten
  }
}
