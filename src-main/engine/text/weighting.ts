import { LoomError } from '#core/errors.ts'
import { chunkLength, type PromptChunks } from './chunks.ts'

type Weighted = Pick<PromptChunks, 'count' | 'weights'>

/** The channels of a context that one tower computes. */
export interface Columns {
  readonly start: number
  readonly end: number
  /** Channels of the whole context. */
  readonly width: number
}

/** Whether any token has a weight other than 1. */
export const isWeighted = ({ weights }: Weighted): boolean => weights.some((weight) => weight !== 1)

/**
 * Applies the weights as ComfyUI does, per token: `z = (z - z_empty) * weight + z_empty`, without renormalisation.
 *
 * @param context The text encoder's output, [count, 77, width]; read as [1, count * 77, width] it is the context.
 * @param empty The output for the empty chunk, [77, width].
 * @returns `context` itself if every weight is 1, otherwise a new array of its shape.
 * @throws LoomError `mismatch` when the sizes do not fit, `range` when a weight makes the context overflow.
 */
export function weightContext(
  context: Float32Array,
  empty: Float32Array,
  chunks: Weighted,
  columns: Columns,
): Float32Array {
  if (isWeighted(chunks) && empty.length !== chunkLength * columns.width) throw doNotFit(empty, chunks, columns)
  return weighted(context, chunks, columns, (z, weight, place) => {
    const zEmpty = empty[place % empty.length] ?? 0
    return (z - zEmpty) * weight + zEmpty
  })
}

/**
 * Applies the weights as AUTOMATIC1111's web interface does: multiplies each token by its weight, then each chunk by a
 * factor that restores its mean. Parameters, result and errors are those of {@link weightContext}.
 */
export function emphasiseContext(context: Float32Array, chunks: Weighted, columns: Columns): Float32Array {
  const result = weighted(context, chunks, columns, (z, weight) => z * weight)
  if (result === context) return context
  for (let chunk = 0; chunk < chunks.count; chunk++) {
    const mean = meanOf(result, chunk, columns)
    if (mean === 0) continue
    const restored = meanOf(context, chunk, columns) / mean
    for (const place of placesOf(chunk, columns)) result[place] = (result[place] ?? 0) * restored
  }
  return result
}

function meanOf(context: Float32Array, chunk: number, columns: Columns): number {
  let sum = 0
  for (const place of placesOf(chunk, columns)) sum += context[place] ?? 0
  return sum / (chunkLength * (columns.end - columns.start))
}

function* placesOf(chunk: number, { start, end, width }: Columns): Generator<number> {
  for (let token = chunk * chunkLength; token < (chunk + 1) * chunkLength; token++) {
    for (let channel = start; channel < end; channel++) yield token * width + channel
  }
}

/** A copy of the context in which `change` is applied to the tower's channels of each weighted token. */
function weighted(
  context: Float32Array,
  chunks: Weighted,
  columns: Columns,
  change: (z: number, weight: number, place: number) => number,
): Float32Array {
  if (!isWeighted(chunks)) return context
  const { start, end, width } = columns
  if (context.length !== chunks.weights.length * width) throw doNotFit(context, chunks, columns)
  const result = Float32Array.from(context)
  for (const [token, weight] of chunks.weights.entries()) {
    if (weight === 1) continue
    for (let place = token * width + start; place < token * width + end; place++) {
      const z = context[place] ?? 0
      result[place] = change(z, weight, place)
      if (Number.isFinite(z) && !Number.isFinite(result[place])) throw overflow(weight)
    }
  }
  return result
}

function doNotFit({ length }: Float32Array, { count }: Weighted, { width }: Columns): LoomError {
  return new LoomError('mismatch', `A context of ${length} numbers does not fit ${count} chunks of width ${width}.`)
}

function overflow(weight: number): LoomError {
  return new LoomError('range', `The prompt's weight ${weight} makes the context overflow.`, {
    hint: 'Weights between -2 and 2 are usual; nested parentheses multiply by 1.1 each.',
  })
}
