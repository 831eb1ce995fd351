import { isOp, type Step, type StepOf } from './step.ts'

export type Sampling = StepOf<'sample'>

/** A picture of what a sampling drew. */
interface Drawn {
  readonly sampling: Sampling
  /** Its place in the batch that was drawn; absent where only the run tells it. */
  readonly place?: number
}

/**
 * The sampling that a step's picture was drawn by last; none for a picture that was only loaded, and for many in one.
 * @param place of the picture in the step's batch
 * @param seen steps that other ways led to
 */
export function drawnBy(step: Step, place: number | undefined, seen = new Set<Step>()): Drawn | undefined {
  if (seen.has(step)) return undefined
  seen.add(step)
  if (isOp(step, 'sample')) return { sampling: step, ...(place !== undefined && { place }) }
  const before = Object.values(step.inputs).filter(({ kind }) => kind === 'latent' || kind === 'image')
  const drawn = before.flatMap((source) => drawnBy(source, placeBefore(step, place), seen) ?? [])
  const [first, second] = drawn
  return first && (second || mixesBatches(step) ? { sampling: first.sampling } : first)
}

function mixesBatches(step: Step): boolean {
  return step.op === 'batch-images' || (isOp(step, 'combine-latents') && step.attributes.how.kind === 'join')
}

function placeBefore(step: Step, place: number | undefined): number | undefined {
  if (place === undefined || !(isOp(step, 'edit-latent') || isOp(step, 'edit-image'))) return place
  const { edit } = step.attributes
  if (edit.kind === 'repeat') return undefined
  return edit.kind === 'pick' ? place + edit.index : place
}

/**
 * The seed of a picture that was drawn: that of the sampling, or that of its place in the batch.
 * @returns undefined where only the run tells the place
 */
export function seedOf({ sampling, place }: Drawn): string | undefined {
  const { seed, batchSeeds } = sampling.attributes
  if (batchSeeds !== 'each') return seed
  const inBatch = place === undefined ? undefined : placeInBatch(sampling.inputs.latent, place)
  return inBatch === undefined ? undefined : String(BigInt.asUintN(64, BigInt(seed) + BigInt(inBatch)))
}

/** The place of a picture in the batch whose noise it is drawn from: a picked one keeps that which it had. */
function placeInBatch(latent: Step | undefined, place: number): number | undefined {
  if (!latent) return place
  const edit = isOp(latent, 'edit-latent') ? latent.attributes.edit : undefined
  if (edit?.kind === 'pick') return placeInBatch(latent.inputs.latent, place + edit.index)
  // in a batch that is put together of whole ones, the places are counted through
  if (edit?.kind === 'repeat' || mixesBatches(latent)) return isPicked(latent) ? undefined : place
  return placeInBatch(latent.inputs.latent ?? latent.inputs.first, place)
}

/** Some pictures of a batch were left out on the way. */
function isPicked(step: Step): boolean {
  if (isOp(step, 'edit-latent') && step.attributes.edit.kind === 'pick') return true
  return Object.values(step.inputs).some((input) => input.kind === 'latent' && isPicked(input))
}
