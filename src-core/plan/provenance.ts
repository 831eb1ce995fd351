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

/** The provenance of the sampling that a step's picture was made by last; none for a picture that was only loaded. */
export function provenanceOf(step: Step): Provenance | undefined {
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
  return {
    ...sample.attributes,
    scheduler: scheduler.attributes.spec,
    prompt: promptOf(input(sample, 'positive')),
    negative: promptOf(input(sample, 'negative')),
    checkpoint: model.attributes.file,
    loras,
    fromPicture: input(sample, 'latent')?.op !== 'empty-latent',
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

function input(step: Step, name: string): Step | undefined {
  return step.inputs[name]
}

function promptOf(step: Step | undefined): string {
  return step && isOp(step, 'encode-prompt') ? step.attributes.text : ''
}
