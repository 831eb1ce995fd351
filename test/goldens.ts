import { existsSync, readFileSync } from 'node:fs'

interface GoldenTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array | BigInt64Array
}

export interface Golden<Case> {
  /** Parameters of the case: config, rows, tolerance. */
  readonly json: Case
  readonly tensors: ReadonlyMap<string, GoldenTensor>
  /** The float32 tensor of that name. Throws if there is none. */
  floats(name: string): Float32Array
  /** The int64 tensor of that name. Throws if there is none. */
  integers(name: string): BigInt64Array
}

interface HeaderEntry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

const folder = new URL('./goldens/', import.meta.url)

/**
 * Reads a golden case: `goldens/NAME.json` and, if it exists, `goldens/NAME.safetensors`.
 * Does not use the project's safetensors reader, so that a bug in the reader cannot hide in the expectation.
 */
export function readGolden<Case = Record<string, unknown>>(name: string): Golden<Case> {
  const text = readFileSync(new URL(`${name}.json`, folder), 'utf8')
  // Python writes NaN, which is not JSON, on separate lines
  const json: Case = JSON.parse(text.replaceAll(/^\s*NaN\b/gm, 'null'))
  const file = new URL(`${name}.safetensors`, folder)
  const tensors = existsSync(file) ? readTensors(readFileSync(file)) : new Map<string, GoldenTensor>()
  const find = (tensor: string) => {
    const found = tensors.get(tensor)
    if (!found) throw new Error(`Golden ${name} has no tensor ${tensor}; it has ${[...tensors.keys()].join(', ')}.`)
    return found.data
  }
  return {
    json,
    tensors,
    floats(tensor) {
      const data = find(tensor)
      if (data instanceof Float32Array) return data
      throw new Error(`Golden ${name}: tensor ${tensor} is int64.`)
    },
    integers(tensor) {
      const data = find(tensor)
      if (data instanceof BigInt64Array) return data
      throw new Error(`Golden ${name}: tensor ${tensor} is float32.`)
    },
  }
}

function readTensors(bytes: Buffer): Map<string, GoldenTensor> {
  const start = 8 + Number(bytes.readBigUInt64LE(0))
  const header: Record<string, HeaderEntry> = JSON.parse(bytes.toString('utf8', 8, start))
  const tensors = new Map<string, GoldenTensor>()
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue
    const { buffer } = Uint8Array.from(bytes.subarray(start + data_offsets[0], start + data_offsets[1]))
    if (dtype === 'F32') tensors.set(name, { shape, data: new Float32Array(buffer) })
    else if (dtype === 'I64') tensors.set(name, { shape, data: new BigInt64Array(buffer) })
    else throw new Error(`Golden tensor ${name} has dtype ${dtype}; goldens are F32 and I64.`)
  }
  return tensors
}

/** The largest absolute difference. NaN if any difference is NaN, infinite if the lengths differ. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  let largest = 0
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs((actual[i] ?? Number.NaN) - (expected[i] ?? Number.NaN)))
  }
  return largest
}
