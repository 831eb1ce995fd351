import type { RuntimeValues } from '../runtime/values.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import type { StepRule } from './context.ts'

/** Adds an adapter to those that a session is run with. */
export const strength: StepRule<'strength'> = {
  run: async (_context, { others = new Map() }, { file, strength: value }) => new Map([...others, [file, value]]),
}

/** The session's input for the strength of a live adapter. */
export function strengthInput(file: string): string {
  return `strength of ${file}`
}

/** What a session is fed for its live adapters; those that change nothing in this network have no input there. */
export function strengthFeeds(strengths: RuntimeValues['strengths'] = new Map()): Record<string, FloatTensor> {
  return Object.fromEntries(
    Array.from(strengths, ([file, value]) => [strengthInput(file), { data: Float32Array.of(value), shape: [] }]),
  )
}
