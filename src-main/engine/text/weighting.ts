import { LoomError } from '#core/errors.ts'
import { chunkLength, type PromptChunks } from './chunks.ts'

/** Whether some token weighs other than 1: only then does weighting need the context of the empty chunk. */
export const isWeighted = (chunks: PromptChunks): boolean => chunks.weights.some((weight) => weight !== 1)

/**
 * Applies the weights as ComfyUI does, per token: `z = (z - z_empty) * weight + z_empty`, without renormalisation.
 *
 * @param context The text encoder's output for `chunks.ids`, [count, 77, width]; read as [1, count * 77, width] it is the context.
 * @param empty The output for the empty chunk, [77, width].
 * @returns `context` itself where every weight is 1, else a new array of its shape.
 * @throws LoomError `mismatch` when the sizes do not fit, `range` when a weight makes the context overflow.
 */
export function weightContext(
  context: Float32Array,
  empty: Float32Array,
  chunks: PromptChunks,
  width: number,
): Float32Array {
  if (!isWeighted(chunks)) return context
  if (context.length !== chunks.ids.length * width || empty.length !== chunkLength * width) {
    throw new LoomError(
      'mismatch',
      `A context of ${context.length} and an empty one of ${empty.length} numbers do not fit ${chunks.count} chunks of width ${width}.`,
    )
  }
  const result = Float32Array.from(context)
  for (const [token, weight] of chunks.weights.entries()) {
    if (weight === 1) continue
    const row = token * width
    const emptyRow = (token % chunkLength) * width
    for (let channel = 0; channel < width; channel++) {
      const z = context[row + channel] ?? 0
      const zEmpty = empty[emptyRow + channel] ?? 0
      result[row + channel] = (z - zEmpty) * weight + zEmpty
      if (Number.isFinite(z) && !Number.isFinite(result[row + channel])) throw overflow(weight)
    }
  }
  return result
}

function overflow(weight: number): LoomError {
  return new LoomError('range', `The prompt's weight ${weight} makes the context overflow.`, {
    hint: 'Weights between -2 and 2 are usual; nested parentheses multiply by 1.1 each.',
  })
}
