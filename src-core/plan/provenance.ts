import { drawnBy, type Sampling, seedOf } from './drawn-by.ts'
import { firstPrompt, lastEdit } from './first-prompt.ts'
import type { LatentScaling } from './latent-edit.ts'
import type { SchedulerSpec } from './scheduler.ts'
import type { PixelSize } from './sizes.ts'
import { isOp, type Step } from './step.ts'

/** A second sampling, of the upscaled latent of the first. */
interface HighResolutionFix {
  /** Picture size of the first sampling in pixels. */
  readonly before: PixelSize
  readonly method: LatentScaling
  readonly steps: number
}

/** The settings that a picture was drawn with: those of one sampling, or of the two of a high-resolution fix. */
export interface Provenance {
  /** Absent if each picture has its own seed and the picture's index in the batch is known only at run time. */
  readonly seed?: string
  readonly guidance: number
  readonly strength: number
  readonly scheduler: SchedulerSpec
  readonly prompt: string
  readonly negative: string
  readonly checkpoint: string
  readonly loras: readonly { readonly file: string; readonly strength: number }[]
  /** Whether the sampling started from a picture. */
  readonly fromPicture: boolean
  readonly highResolutionFix?: HighResolutionFix
}

/**
 * The provenance of a step's picture, by its last sampling. Undefined for a picture that was only loaded.
 * @param picture index in the batch
 */
export function provenanceOf(step: Step, picture: number): Provenance | undefined {
  const last = drawnBy(step, picture)
  if (!last) return undefined
  const { strength } = last.sampling.attributes
  const fixed = scaledFrom(last.sampling)
  const drawn = fixed ? { ...last, sampling: fixed.first } : last
  const { inputs, attributes } = drawn.sampling
  const { scheduler, strengths, session, positive, negative, latent } = inputs
  const loras: { file: string; strength: number }[] = []
  for (let at = strengths; at && isOp(at, 'strength'); at = at.inputs.others) {
    if (at.attributes.strength !== 0) loras.unshift(at.attributes)
  }
  let model = session?.inputs.of
  for (; model?.inputs.target; model = model.inputs.target) {
    if (isOp(model, 'apply-lora')) loras.unshift(model.attributes)
  }
  if (!scheduler || !isOp(scheduler, 'scheduler') || !model || !isOp(model, 'unet')) return undefined
  const seed = seedOf(drawn)
  return {
    ...(seed !== undefined && { seed }),
    guidance: attributes.guidance,
    strength,
    scheduler: scheduler.attributes.spec,
    prompt: promptOf(positive),
    negative: promptOf(negative),
    checkpoint: model.attributes.file,
    loras,
    fromPicture: fixed !== undefined || !isEmpty(latent),
    ...(fixed && { highResolutionFix: fixed.fix }),
  }
}

/** The first sampling of a high-resolution fix, if it started from an empty latent. */
function scaledFrom({ inputs }: Sampling): { readonly first: Sampling; readonly fix: HighResolutionFix } | undefined {
  const { latent, scheduler } = inputs
  if (!latent || !isOp(latent, 'edit-latent') || !scheduler || !isOp(scheduler, 'scheduler')) return undefined
  const { edit } = latent.attributes
  const first = latent.inputs.latent
  const before = first?.inputs.latent
  if (edit.kind !== 'scale' && edit.kind !== 'resize') return undefined
  if (!first || !isOp(first, 'sample') || !before || !isOp(before, 'empty-latent')) return undefined
  const { width, height } = before.attributes
  const fix = { before: { width, height }, method: edit.method, steps: scheduler.attributes.spec.steps }
  return { first, fix }
}

/** Whether a latent is made of empty latents only. */
function isEmpty(latent: Step | undefined): boolean {
  if (latent?.op === 'combine-latents') return isEmpty(latent.inputs.first) && isEmpty(latent.inputs.second)
  return latent?.op === 'edit-latent' ? isEmpty(latent.inputs.latent) : latent?.op === 'empty-latent'
}

/** The first prompt; empty for a zeroed conditioning. */
function promptOf(conditioning: Step | undefined): string {
  return lastEdit(conditioning, 'zero') ? '' : (firstPrompt(conditioning)?.attributes.text ?? '')
}
