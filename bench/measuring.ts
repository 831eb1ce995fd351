import { readFileSync } from 'node:fs'
import type { FloatTensor } from '#engine/tensor/float-tensor.ts'

/** Seconds that work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await work()
  return (performance.now() - before) / 1000
}

/** The same numbers on every machine and in every language. */
export function waves(shape: readonly number[]): FloatTensor {
  const values = new Float32Array(shape.reduce((product, dim) => product * dim, 1))
  return { data: values.map((_, i) => Math.sin(i * 12.9898)), shape }
}

export interface Memory {
  /** The most bytes that were resident, including file pages; on systems other than Linux those of now. */
  readonly peak: number
  /** Resident bytes that are no file's pages; NaN if the system does not tell. */
  readonly anonymous: number
}

export function memory(): Memory {
  if (process.platform !== 'linux') return { peak: process.memoryUsage.rss(), anonymous: Number.NaN }
  const status = readFileSync('/proc/self/status', 'utf8')
  const bytes = (field: string) => 1024 * Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1])
  return { peak: bytes('VmHWM'), anonymous: bytes('RssAnon') }
}

export function median(values: readonly number[] = []): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
