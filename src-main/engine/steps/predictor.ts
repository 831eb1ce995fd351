import { LoomError } from '#core/errors.ts'
import { vaeScaleFactor } from '#core/families/family.ts'
import type { Conditioning, Latent } from '../runtime/values.ts'
import { guide } from '../sampling/guidance.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import { crop } from '../tensor/planes.ts'
import { besideInpaint } from './inpaint.ts'
import { place, type Share, sharesAt } from './shares.ts'
import { tokensOf, type UnetCall, unetCaller } from './unet-call.ts'

interface PredictorOptions extends Omit<UnetCall, 'picture'> {
  readonly positive: Conditioning
  readonly negative: Conditioning | undefined
  /** Shape of the latent: `(batch, channels, height, width)`. */
  readonly shape: readonly number[]
  /** Extra input of a UNet with 9 channels. */
  readonly inpaint?: Latent['inpaint'] | undefined
}

/** Parts per batch of the UNet. Two take no more memory than guidance with a plain prompt. */
const partsPerPass = 2

/** Contexts are repeated to a common length of at most this many times the longer one. Otherwise each runs alone. */
const longestRepeat = 4

/**
 * Predicts with the UNet in each step: once for each active part of the prompt, averaged where parts overlap.
 * The same is done for the negative prompt if guidance needs it.
 *
 * @returns a function of the latent and the timestep (999 to 0)
 * @throws LoomError `missing-input` if guidance lacks a negative prompt, `mismatch` for a prompt of another family
 */
export function createPredictor({ positive, negative, shape, inpaint, ...call }: PredictorOptions) {
  const { guidance, model } = call
  const [, , height = 0, width = 0] = shape
  const size = { height, width }
  const compares = model.network.config.guidanceWidth === undefined && guidance !== 1
  const sides = compares ? [negative ?? lacksNegative(guidance), positive] : [positive]
  const placed = sides.map(({ parts }) => parts.map((part) => place(part, size)))
  const ask = unetCaller({ ...call, picture: { height: height * vaeScaleFactor, width: width * vaeScaleFactor } })
  return async (latent: Float32Array, timestep: number): Promise<Float32Array> => {
    const drawn = { data: latent, shape }
    const shown = inpaint ? besideInpaint(drawn, inpaint) : drawn
    const predicted = new Float32Array(sides.length * latent.length)
    const jobs = placed.flatMap((parts, side) => {
      const into = predicted.subarray(side * latent.length, (side + 1) * latent.length)
      return sharesAt(parts, timestep, size).map((share) => ({ ...share, shown: crop(shown, share.region), into }))
    })
    for (const pass of passesOf(jobs)) {
      const predictions = await ask(pass, timestep)
      const each = predictions.length / pass.length
      for (const [i, job] of pass.entries()) addShare(job, predictions.subarray(i * each, (i + 1) * each), width)
    }
    return compares ? guide(predicted, guidance) : predicted
  }
}

interface Job extends Share {
  /** Input of the UNet in the region. */
  readonly shown: FloatTensor
  /** Prediction of the whole latent, for the positive or the negative prompt. */
  readonly into: Float32Array
}

/** Groups jobs into batches of equal size and compatible context lengths. */
function passesOf(jobs: readonly Job[]): (readonly [Job, ...Job[]])[] {
  const passes: [Job, ...Job[]][] = []
  for (const job of jobs) {
    const pass = passes.find((other) => other.length < partsPerPass && goTogether(other[0], job))
    if (pass) pass.push(job)
    else passes.push([job])
  }
  return passes
}

function goTogether(a: Job, b: Job): boolean {
  const longest = Math.max(tokensOf([a]), tokensOf([b]))
  return String(a.shown.shape) === String(b.shown.shape) && tokensOf([a, b]) <= longestRepeat * longest
}

/** Adds a part's prediction, weighted by its shares. */
function addShare({ region, shares, into, shown: { shape } }: Job, prediction: Float32Array, width: number): void {
  if (!shares) {
    into.set(prediction)
    return
  }
  const [, , rows = 0, columns = 0] = shape
  const plane = (into.length / prediction.length) * rows * columns
  for (let at = 0, i = 0; at < into.length; at += plane) {
    for (let row = 0; row < rows; row++) {
      const first = at + (region.y + row) * width + region.x
      for (let column = 0; column < columns; column++, i++) {
        const share = shares[row * columns + column] ?? 0
        into[first + column] = (into[first + column] ?? 0) + share * (prediction[i] ?? 0)
      }
    }
  }
}

function lacksNegative(guidance: number): never {
  throw new LoomError('missing-input', `Guidance ${guidance} compares with a negative prompt, and none is connected.`, {
    input: 'negative',
    hint: 'Connect a Prompt node (its text may be empty), or set guidance to 1.',
  })
}
