import { isOp, type Step, type StepOf } from './step.ts'

export type Sampling = StepOf<'sample'>

/** One picture of a sampling. */
interface Drawn {
  readonly sampling: Sampling
  /** Index in the batch of the sampling. Absent if it is known only at run time. */
  readonly place?: number
}

/**
 * The last sampling behind a step's picture. Undefined for a picture that was only loaded, and for a grid.
 * @param place index of the picture in the step's batch
 * @param seen steps already visited on other paths
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
 * The seed of a drawn picture: the seed of the sampling, plus the picture's index if each picture has its own seed.
 * @returns undefined if the index is known only at run time
 */
export function seedOf({ sampling, place }: Drawn): string | undefined {
  const { seed, batchSeeds } = sampling.attributes
  if (batchSeeds !== 'each') return seed
  const inBatch = place === undefined ? undefined : placeInBatch(sampling.inputs.latent, place)
  return inBatch === undefined ? undefined : String(BigInt.asUintN(64, BigInt(seed) + BigInt(inBatch)))
}

/** The index that decides a picture's noise. A picked picture keeps the index that it had before. */
function placeInBatch(latent: Step | undefined, place: number): number | undefined {
  if (!latent) return place
  const edit = isOp(latent, 'edit-latent') ? latent.attributes.edit : undefined
  if (edit?.kind === 'pick') return placeInBatch(latent.inputs.latent, place + edit.index)
  // whole batches that were joined are numbered as one
  if (edit?.kind === 'repeat' || mixesBatches(latent)) return isPicked(latent) ? undefined : place
  return placeInBatch(latent.inputs.latent ?? latent.inputs.first, place)
}

/** Whether pictures of a batch were picked on the way to this step. */
function isPicked(step: Step): boolean {
  if (isOp(step, 'edit-latent') && step.attributes.edit.kind === 'pick') return true
  return Object.values(step.inputs).some((input) => input.kind === 'latent' && isPicked(input))
}
