import { LoomError } from '#core/errors.ts'
import type { Using } from '../runtime/resident-network.ts'
import type { ConditioningPart, ModelValue, SessionValue } from '../runtime/values.ts'
import { guidanceEmbedding } from '../sampling/guidance.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import { joined } from '../tensor/linear.ts'
import type { strengthFeeds } from './strengths.ts'
import { vectorOf } from './vector.ts'

/** The constant arguments of the UNet in one sampling. */
export interface UnetCall {
  readonly session: SessionValue
  readonly strengths: ReturnType<typeof strengthFeeds>
  readonly model: ModelValue
  readonly guidance: number
  /** Size of the drawn picture in pixels. */
  readonly picture: { readonly height: number; readonly width: number }
  /** The step that samples. */
  readonly using: Using
}

interface Asked {
  readonly part: ConditioningPart
  /** `(batch, channels, height, width)`, equal for all parts of a call */
  readonly shown: FloatTensor
}

/**
 * Runs the UNet for parts of a prompt as one batch.
 *
 * @returns a function that returns the predictions of all parts, concatenated
 * @throws LoomError `mismatch` for a prompt of another family, and what a session throws
 */
export function unetCaller({ session: { session }, strengths, model, guidance, picture, using }: UnetCall) {
  const { guidanceWidth, vectorWidth, contextWidth } = model.network.config
  return async (asked: readonly Asked[], timestep: number): Promise<Float32Array> => {
    const [batch = 0, ...rest] = asked[0]?.shown.shape ?? []
    const size = asked.length * batch
    const feeds = {
      latent: { data: joined(asked.map(({ shown }) => shown.data)), shape: [size, ...rest] },
      timestep: { data: new Float32Array(size).fill(timestep), shape: [size] },
      context: contextsOf(asked, contextWidth, batch),
      ...strengths,
      ...(guidanceWidth && { guidance: repeatRows([guidanceEmbedding(guidance, guidanceWidth)], size) }),
      ...(vectorWidth && {
        vector: repeatRows(
          asked.map(({ part }) => vectorOf(part, vectorWidth, picture)),
          batch,
        ),
      }),
    }
    const { prediction } = await session.run(feeds, using)
    if (!prediction) throw new LoomError('internal', 'The UNet gave no prediction.')
    return prediction.data
  }
}

/** Common length of these contexts. Repeating a whole context does not change the result of attention. */
export function tokensOf(asked: readonly Pick<Asked, 'part'>[]): number {
  return asked.map(({ part }) => part.context.shape[1] ?? 0).reduce(leastCommonMultiple, 1)
}

/** The context of each part for each picture of the batch, at the common length. */
function contextsOf(asked: readonly Asked[], width: number, batch: number): FloatTensor {
  const tokens = tokensOf(asked)
  const rows = asked.map(({ part: { context } }) => {
    if (context.shape[2] !== width) throw otherWidth(context.shape[2] ?? 0, width)
    return joined(Array.from({ length: tokens / (context.shape[1] ?? 1) }, () => context.data))
  })
  return { data: repeatRows(rows, batch).data, shape: [asked.length * batch, tokens, width] }
}

function otherWidth(width: number, needed: number): LoomError {
  return new LoomError('mismatch', `The prompt's context has the width ${width}; the model needs ${needed}.`, {
    input: 'positive',
    hint: "Encode the prompt with the text encoder of the model's own family.",
  })
}

function leastCommonMultiple(a: number, b: number): number {
  const greatestCommonDivisor = (x: number, y: number): number => (y === 0 ? x : greatestCommonDivisor(y, x % y))
  return (a / greatestCommonDivisor(a, b)) * b
}

/** Repeats each row `times` times in succession. */
function repeatRows(rows: readonly Float32Array[], times: number): FloatTensor {
  const repeated = rows.flatMap((row) => Array.from({ length: times }, () => row))
  return { data: joined(repeated), shape: [repeated.length, rows[0]?.length ?? 0] }
}
