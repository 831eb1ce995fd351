import { LoomError } from '#core/errors.ts'
import { towersOf } from '../models/networks/text-encoder.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import { emphasiseContext, isWeighted, weightContext } from '../text/weighting.ts'
import { conditioningBytes } from './conditioning.ts'
import type { StepRule } from './context.ts'
import { feedsOf, promptFiles, type Reading, readPrompt } from './prompt-reading.ts'
import { asKind } from './source.ts'
import { strengthFeeds } from './strengths.ts'

/**
 * Encodes a prompt with tokens, weights and chunks as in ComfyUI, or with A1111's emphasis. All towers read the same
 * number of chunks. The pooled text (only SDXL) is that of the first chunk, unweighted.
 */
export const encodePrompt: StepRule<'encode-prompt'> = {
  bytes: conditioningBytes,
  optionalFiles: promptFiles,
  async run(context, { session: { session, of }, strengths }, prompt) {
    context.emit({ type: 'phase', phase: 'encode', label: session.name })
    const clip = asKind(of, 'clip')
    const run = async (readings: readonly Reading[]) => {
      const { context: output, pooled } = await session.run(
        { ...feedsOf(readings), ...strengthFeeds(strengths) },
        context,
      )
      if (!output || !pooled) throw new LoomError('internal', 'The text encoder gave no context.')
      return { output, pooled }
    }
    const readings = await readPrompt(context, towersOf(clip), prompt)
    const { output, pooled } = await run(readings)
    const weighs = readings.some(({ chunks }) => isWeighted(chunks))
    const weigh =
      weighs && prompt.emphasis !== 'a1111'
        ? weighAgainst((await run(await readPrompt(context, towersOf(clip), { text: '' }))).output.data)
        : emphasiseContext
    const data = readings.reduce((sum, { chunks, columns }) => weigh(sum, chunks, columns), output.data)
    const [, , width = 0] = output.shape
    return {
      parts: [
        {
          context: { data, shape: [1, data.length / width, width] },
          ...(clip.textEncoder2 && { pooled: firstRow(pooled) }),
          strength: 1,
          range: [0, 1],
        },
      ],
    }
  },
}

function weighAgainst(empty: Float32Array): typeof emphasiseContext {
  return (context, chunks, columns) => weightContext(context, empty, chunks, columns)
}

function firstRow({ data, shape: [, width = 0] }: FloatTensor): FloatTensor {
  return { data: data.slice(0, width), shape: [1, width] }
}
