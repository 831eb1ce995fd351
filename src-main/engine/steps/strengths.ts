import type { RuntimeValues } from '../runtime/values.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import type { StepRule } from './context.ts'

/** Adds the strength of a live adapter. */
export const strength: StepRule<'strength'> = {
  run: async (_context, { others = new Map() }, { file, strength: value }) => new Map([...others, [file, value]]),
}

/** Name of the session's input for the strength of a live adapter. */
export function strengthInput(file: string): string {
  return `strength of ${file}`
}

/** The session's inputs for live adapters. An adapter that does not change this network has no input in it. */
export function strengthFeeds(strengths: RuntimeValues['strengths'] = new Map()): Record<string, FloatTensor> {
  return Object.fromEntries(
    Array.from(strengths, ([file, value]) => [strengthInput(file), { data: Float32Array.of(value), shape: [] }]),
  )
}
