import { LoomError } from '../errors.ts'
import type { Prompt, Sampling, Tiles, VaeEncoding, VaePart } from './attributes.ts'
import type { StepAttributes } from './ops.ts'
import type { PlanBuilder } from './plan.ts'
import { type Schedule, type SchedulerSpec, settledSpec } from './scheduler.ts'
import { isKind, isOp, type Step } from './step.ts'

/*
 * Operations of several steps. Sessions are inserted here, so that nodes need not know of them.
 */

/** Encodes a prompt. Default options are left out of the step, so that equal prompts share one step. */
export function encodePrompt(
  plan: PlanBuilder,
  clip: Step<'clip'>,
  { text, text2 = text, emphasis = 'comfy' }: Prompt,
): Step<'conditioning'> {
  const session = plan.step('session', { of: clip }, { network: 'text-encoder' })
  const unusual = { ...(text2 !== text && { text2 }), ...(emphasis !== 'comfy' && { emphasis }) }
  return plan.step('encode-prompt', { session }, { text, ...unusual })
}

interface Drawing {
  readonly model: Step<'model'>
  readonly positive: Step<'conditioning'>
  /** Absent or unused at guidance 1 and for models with a guidance embedding. */
  readonly negative?: Step<'conditioning'> | undefined
  readonly latent: Step<'latent'>
  readonly scheduler: Step<'scheduler'>
  /** The schedule that the model asks for. */
  readonly own?: Schedule | undefined
}

/** Draws a latent with the model's UNet. */
export function sampleLatent(
  plan: PlanBuilder,
  { model, scheduler, own, ...of }: Drawing,
  options: Sampling,
): Step<'latent'> {
  const session = plan.step('session', { of: model }, { network: 'unet' })
  const spec = settledSpec(specOf(scheduler), own)
  return plan.step('sample', { session, ...of, scheduler: plan.step('scheduler', {}, { spec }) }, options)
}

/** @param tiles absent: the picture is decoded whole */
export function vaeDecode(plan: PlanBuilder, vae: Step<'vae'>, latent: Step<'latent'>, tiles?: Tiles): Step<'image'> {
  if (!tiles) return plan.step('vae-decode', { session: vaeSession(plan, vae, 'decoder'), latent }, {})
  const inner = vaeSession(plan, vae, 'decoder-inner')
  const outer = vaeSession(plan, vae, 'decoder-outer')
  return plan.step('vae-decode-tiled', { inner, outer, latent }, tiles)
}

/** @param tiles absent: the picture is encoded whole */
export function vaeEncode(
  plan: PlanBuilder,
  { vae, image }: { readonly vae: Step<'vae'>; readonly image: Step<'image'> },
  options: VaeEncoding,
  tiles?: Tiles,
): Step<'latent'> {
  if (!tiles) return plan.step('vae-encode', { session: vaeSession(plan, vae, 'encoder'), image }, options)
  const outer = vaeSession(plan, vae, 'encoder-outer')
  const inner = vaeSession(plan, vae, 'encoder-inner')
  return plan.step('vae-encode-tiled', { outer, inner, image }, { ...options, ...tiles })
}

function vaeSession(plan: PlanBuilder, vae: Step<'vae'>, part: VaePart): Step<'session'> {
  return plan.step('session', { of: vae }, { network: `vae-${part}` })
}

/** The picture (posterior mean) as a latent that is drawn only inside the mask, grown by `grow` pixels. */
export function inpaint(
  plan: PlanBuilder,
  { vae, image, mask }: { readonly vae: Step<'vae'>; readonly image: Step<'image'>; readonly mask: Step<'mask'> },
  grow: number,
): Step<'latent'> {
  const hard = plan.step('harden-mask', { mask, image }, {})
  const hole = grow === 0 ? hard : plan.step('edit-mask', { mask: hard }, { edit: { kind: 'grow', by: grow } })
  const encode = (picture: Step<'image'>) => vaeEncode(plan, { vae, image: picture }, { posterior: 'mean', seed: '0' })
  const latent = encode(image)
  const masked = encode(plan.step('grey-out', { image, mask: hole }, {}))
  return plan.step('inpaint-latent', { latent, masked, mask: hole }, {})
}

/** One picture of all `images`, given row by row. */
export function grid(
  plan: PlanBuilder,
  images: readonly Step<'image'>[],
  labels: StepAttributes['grid'],
): Step<'image'> {
  const cells = images.map((image): Step<'cells'> => plan.step('cell', { image }, { of: images.length }))
  const joined = cells.reduce((first, second) => plan.step('join-cells', { first, second }, {}))
  return plan.step('grid', { cells: joined }, labels)
}

/** The scheduler with a step at each of these timesteps. */
export function atTimesteps(
  plan: PlanBuilder,
  scheduler: Step<'scheduler'>,
  timesteps: readonly number[],
): Step<'scheduler'> {
  const { usual: _, ...spec } = specOf(scheduler)
  const schedule = { kind: 'timesteps', timesteps } as const
  return plan.step('scheduler', {}, { spec: { ...spec, steps: timesteps.length, schedule } })
}

/** @throws LoomError `internal` if the step has another op */
function specOf(scheduler: Step<'scheduler'>): SchedulerSpec {
  if (isOp(scheduler, 'scheduler')) return scheduler.attributes.spec
  throw new LoomError('internal', `${scheduler.op} is no scheduler.`)
}

/** Makes the plan compute a value, and shows it if it can be shown. */
export function show(plan: PlanBuilder, value: Step, options: StepAttributes['show-image']): void {
  if (isKind(value, 'image')) plan.step('show-image', { image: value }, options)
  else if (isKind(value, 'mask')) show(plan, plan.step('mask-to-image', { mask: value }, {}), options)
  else if (isKind(value, 'latent')) plan.step('show-latent', { latent: value }, {})
  else plan.step('need', { value }, {})
}
