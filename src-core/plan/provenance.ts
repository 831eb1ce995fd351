import { firstPrompt } from './first-prompt.ts'
import type { SchedulerSpec } from './scheduler.ts'
import { isOp, type Step, type StepAttributes, type StepOp } from './step.ts'

/** What a picture was drawn from, as far as one sampling tells it. */
export interface Provenance {
  readonly seed: string
  readonly guidance: number
  readonly strength: number
  readonly scheduler: SchedulerSpec
  readonly prompt: string
  readonly negative: string
  readonly checkpoint: string
  readonly loras: readonly { readonly file: string; readonly strength: number }[]
  /** The sampling started from a picture. */
  readonly fromPicture: boolean
}

/**
 * The provenance of the sampling that a step's picture was made by last; none for a picture that was only loaded.
 * @param picture its place in the batch
 */
export function provenanceOf(step: Step, picture: number): Provenance | undefined {
  const sample = nearest(step, 'sample')
  if (!sample) return undefined
  const scheduler = input(sample, 'scheduler')
  const loras: { file: string; strength: number }[] = []
  for (let at = input(sample, 'strengths'); at && isOp(at, 'strength'); at = at.inputs.others) {
    if (at.attributes.strength !== 0) loras.unshift(at.attributes)
  }
  let model = input(sample, 'session')?.inputs.of
  for (; model?.inputs.target; model = model.inputs.target) {
    if (isOp(model, 'apply-lora')) loras.unshift(model.attributes)
  }
  if (!scheduler || !isOp(scheduler, 'scheduler') || !model || !isOp(model, 'unet')) return undefined
  const { seed, guidance, strength, batchSeeds } = sample.attributes
  return {
    seed: batchSeeds === 'each' ? String(BigInt.asUintN(64, BigInt(seed) + BigInt(picture))) : seed,
    guidance,
    strength,
    scheduler: scheduler.attributes.spec,
    prompt: promptOf(input(sample, 'positive')),
    negative: promptOf(input(sample, 'negative')),
    checkpoint: model.attributes.file,
    loras,
    fromPicture: !isEmpty(input(sample, 'latent')),
  }
}

/** The first step of an op on the way back through the inputs, breadth first. */
function nearest<Op extends StepOp>(from: Step, op: Op): (Step & { attributes: StepAttributes[Op] }) | undefined {
  const queue = [from]
  const seen = new Set(queue)
  for (const step of queue) {
    if (isOp(step, op)) return step
    for (const next of Object.values(step.inputs)) {
      if (!seen.has(next)) queue.push(next)
      seen.add(next)
    }
  }
  return undefined
}

/** Nothing was put into the latent, however it was scaled, cropped or repeated. */
function isEmpty(latent: Step | undefined): boolean {
  return latent?.op === 'edit-latent' ? isEmpty(latent.inputs.latent) : latent?.op === 'empty-latent'
}

function input(step: Step, name: string): Step | undefined {
  return step.inputs[name]
}

/** The first text; of what was zeroed there is none. */
function promptOf(conditioning: Step | undefined): string {
  const prompt = firstPrompt(conditioning, 'zero')
  return prompt && isOp(prompt, 'encode-prompt') ? prompt.attributes.text : ''
}
