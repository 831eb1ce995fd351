import { LoomError } from '#core/errors.ts'
import type { PlanBuilder } from './builder.ts'
import type { ConditioningCombination, ConditioningEdit } from './conditioning-edit.ts'
import type { ImageEdit } from './image-edit.ts'
import type { LatentCombination, LatentEdit } from './latent-edit.ts'
import type { MaskCombination, MaskEdit, MaskSource } from './mask-edit.ts'
import type { SchedulerSpec } from './scheduler.ts'
import {
  isOp,
  type Step,
  type StepAttributes,
  type StepOp,
  signatureOf,
  type Tiles,
  type VaePart,
  type ValueKind,
} from './step.ts'

type Inputs = Readonly<Record<string, Step>>

/**
 * A DAG of typed steps. Equal steps are one object, so two branches that ask for the same prompt share its encoding;
 * effects are kept apart and are never merged.
 */
export class Plan implements PlanBuilder {
  readonly #steps: Step[] = []
  readonly #known = new Map<string, Step>()
  readonly #nodes = new Map<Step, Set<string>>()
  #node: string | undefined

  /** Every step, inputs before what uses them. */
  get steps(): readonly Step[] {
    return this.#steps
  }

  /** The roots: what the plan is run for. */
  get effects(): readonly Step[] {
    return this.#steps.filter((step) => signatureOf(step.op).effect)
  }

  /** Ids of the workflow's nodes that asked for a step, in the order of asking. */
  nodesOf(step: Step): readonly string[] {
    return [...(this.#nodes.get(step) ?? [])]
  }

  /** Books every step that `body` asks for to a node of the workflow. */
  forNode<T>(node: string, body: () => T): T {
    const outer = this.#node
    this.#node = node
    try {
      return body()
    } finally {
      this.#node = outer
    }
  }

  /**
   * The step with this op, inputs and attributes: the one that is there, or a new one.
   * @throws LoomError `internal` when an input of the signature is missing
   */
  step<K extends ValueKind, Op extends StepOp>(op: Op, inputs: Inputs, attributes: StepAttributes[Op]): Step<K, Op> {
    const { output, effect } = signatureOf(op)
    const kind = typeof output === 'string' ? output : inputs[output.sameAs]?.kind
    if (kind === undefined) throw new LoomError('internal', `The step ${op} lacks the input that its kind depends on.`)
    const key = effect ? undefined : JSON.stringify([op, idsByName(inputs), sorted(attributes)])
    const known = key === undefined ? undefined : this.#known.get(key)
    // The key holds op and inputs, so what is found under it has the kind that was asked for.
    const step = (known ?? { id: this.#steps.length, op, kind, inputs, attributes }) as Step<K, Op>
    if (known === undefined) {
      this.#steps.push(step)
      if (key !== undefined) this.#known.set(key, step)
    }
    if (this.#node !== undefined) this.book(step, [this.#node])
    return step
  }

  /** Books a step to nodes; a pass carries the bookings over with it. */
  book(step: Step, nodes: readonly string[]): void {
    const booked = this.#nodes.get(step) ?? new Set()
    for (const node of nodes) booked.add(node)
    this.#nodes.set(step, booked)
  }

  unet(of: StepAttributes['unet']): Step<'model'> {
    return this.step('unet', {}, of)
  }

  textEncoder(of: StepAttributes['text-encoder']): Step<'clip'> {
    return this.step('text-encoder', {}, of)
  }

  vae(of: StepAttributes['vae']): Step<'vae'> {
    return this.step('vae', {}, of)
  }

  applyLora<K extends 'model' | 'clip'>(target: Step<K>, lora: StepAttributes['apply-lora']): Step<K> {
    return this.step<K, 'apply-lora'>('apply-lora', { target }, lora)
  }

  clipSkip(clip: Step<'clip'>, skip: number): Step<'clip'> {
    return this.step('clip-skip', { clip }, { skip })
  }

  encodePrompt(
    clip: Step<'clip'>,
    text: string,
    { text2 = text, emphasis = 'comfy' }: Omit<StepAttributes['encode-prompt'], 'text'> = {},
  ): Step<'conditioning'> {
    const session = this.step('session', { of: clip }, { network: 'text-encoder' })
    // What is as usual is left out, so that it is one step, whoever asks.
    const unusual = { ...(text2 !== text && { text2 }), ...(emphasis !== 'comfy' && { emphasis }) }
    return this.step('encode-prompt', { session }, { text, ...unusual })
  }

  editConditioning(conditioning: Step<'conditioning'>, edit: ConditioningEdit): Step<'conditioning'> {
    return this.step('edit-conditioning', { conditioning }, { edit })
  }

  combineConditionings(
    first: Step<'conditioning'>,
    second: Step<'conditioning'>,
    how: ConditioningCombination,
  ): Step<'conditioning'> {
    return this.step('combine-conditionings', { first, second }, { how })
  }

  maskConditioning(conditioning: Step<'conditioning'>, mask: Step<'mask'>, strength: number): Step<'conditioning'> {
    return this.step('mask-conditioning', { conditioning, mask }, { strength })
  }

  scheduler(spec: SchedulerSpec): Step<'scheduler'> {
    return this.step('scheduler', {}, { spec })
  }

  atTimesteps(scheduler: Step<'scheduler'>, timesteps: readonly number[]): Step<'scheduler'> {
    if (!isOp(scheduler, 'scheduler')) throw new LoomError('internal', `${scheduler.op} is no scheduler.`)
    const { spec } = scheduler.attributes
    return this.scheduler({ ...spec, steps: timesteps.length, schedule: { kind: 'timesteps', timesteps } })
  }

  emptyLatent(size: StepAttributes['empty-latent']): Step<'latent'> {
    return this.step('empty-latent', {}, size)
  }

  editLatent(latent: Step<'latent'>, edit: LatentEdit): Step<'latent'> {
    return this.step('edit-latent', { latent }, { edit })
  }

  combineLatents(first: Step<'latent'>, second: Step<'latent'>, how: LatentCombination): Step<'latent'> {
    return this.step('combine-latents', { first, second }, { how })
  }

  setNoiseMask(latent: Step<'latent'>, mask: Step<'mask'>): Step<'latent'> {
    return this.step('set-noise-mask', { latent, mask }, {})
  }

  inpaint({ vae, image, mask }: Parameters<PlanBuilder['inpaint']>[0], grow: number): Step<'latent'> {
    const hard: Step<'mask'> = this.step('harden-mask', { mask, image }, {})
    const hole = grow === 0 ? hard : this.editMask(hard, { kind: 'grow', by: grow })
    const encode = (picture: Step<'image'>) => this.vaeEncode(vae, picture, { posterior: 'mean', seed: '0' })
    const latent = encode(image)
    const masked = encode(this.step('grey-out', { image, mask: hole }, {}))
    return this.step('inpaint-latent', { latent, masked, mask: hole }, {})
  }

  loadImage(file: string): Step<'image'> {
    return this.step('load-image', {}, { file })
  }

  loadMask(file: string): Step<'mask'> {
    return this.step('load-mask', {}, { file })
  }

  editImage(image: Step<'image'>, edit: ImageEdit): Step<'image'> {
    return this.step('edit-image', { image }, { edit })
  }

  compositeImages(
    { background, layer, mask }: Parameters<PlanBuilder['compositeImages']>[0],
    how: StepAttributes['composite-images'],
  ): Step<'image'> {
    return this.step('composite-images', { background, layer, ...(mask && { mask }) }, how)
  }

  grid(images: readonly Step<'image'>[], labels: StepAttributes['grid']): Step<'image'> {
    const cells = images.map((image): Step => this.step('cell', { image }, { of: images.length }))
    return this.step(
      'grid',
      { cells: cells.reduce((first, second) => this.step('join-cells', { first, second }, {})) },
      labels,
    )
  }

  batchImages(first: Step<'image'>, second: Step<'image'>): Step<'image'> {
    return this.step('batch-images', { first, second }, {})
  }

  imageToMask(image: Step<'image'>, source: MaskSource): Step<'mask'> {
    return this.step('image-to-mask', { image }, { source })
  }

  maskToImage(mask: Step<'mask'>): Step<'image'> {
    return this.step('mask-to-image', { mask }, {})
  }

  solidMask(of: StepAttributes['solid-mask']): Step<'mask'> {
    return this.step('solid-mask', {}, of)
  }

  editMask(mask: Step<'mask'>, edit: MaskEdit): Step<'mask'> {
    return this.step('edit-mask', { mask }, { edit })
  }

  combineMasks(first: Step<'mask'>, second: Step<'mask'>, how: MaskCombination): Step<'mask'> {
    return this.step('combine-masks', { first, second }, { how })
  }

  vaeEncode(
    vae: Step<'vae'>,
    image: Step<'image'>,
    options: StepAttributes['vae-encode'],
    tiles?: Tiles,
  ): Step<'latent'> {
    if (!tiles) return this.step('vae-encode', { session: this.#vaePart(vae, 'encoder'), image }, options)
    const [outer, inner] = [this.#vaePart(vae, 'encoder-outer'), this.#vaePart(vae, 'encoder-inner')]
    return this.step('vae-encode-tiled', { outer, inner, image }, { ...options, ...tiles })
  }

  sample({ model, ...of }: Parameters<PlanBuilder['sample']>[0], options: StepAttributes['sample']): Step<'latent'> {
    const session = this.step('session', { of: model }, { network: 'unet' })
    const inputs: Record<string, Step> = { session, positive: of.positive, latent: of.latent, scheduler: of.scheduler }
    if (of.negative) inputs.negative = of.negative
    return this.step('sample', inputs, options)
  }

  vaeDecode(vae: Step<'vae'>, latent: Step<'latent'>, tiles?: Tiles): Step<'image'> {
    if (!tiles) return this.step('vae-decode', { session: this.#vaePart(vae, 'decoder'), latent }, {})
    const [inner, outer] = [this.#vaePart(vae, 'decoder-inner'), this.#vaePart(vae, 'decoder-outer')]
    return this.step('vae-decode-tiled', { inner, outer, latent }, tiles)
  }

  #vaePart(vae: Step<'vae'>, part: VaePart): Step<'session'> {
    return this.step('session', { of: vae }, { network: `vae-${part}` })
  }

  merge<K extends 'model' | 'clip'>(target: Step<K>, other: Step<K>, share: number): Step<K> {
    return this.step<K, 'merge'>('merge', { target, other }, { share })
  }

  saveCheckpoint(
    { model, clip, vae }: Parameters<PlanBuilder['saveCheckpoint']>[0],
    options: StepAttributes['save-checkpoint'],
  ): void {
    this.step('save-checkpoint', { model, ...(clip && { clip }), ...(vae && { vae }) }, options)
  }

  saveLora({ model, clip }: Parameters<PlanBuilder['saveLora']>[0], options: StepAttributes['save-lora']): void {
    this.step('save-lora', { model, ...(clip && { clip }) }, options)
  }

  extractLora(parts: Parameters<PlanBuilder['extractLora']>[0], options: StepAttributes['extract-lora']): void {
    this.step('extract-lora', { ...parts }, options)
  }

  saveImage(image: Step<'image'>, options: StepAttributes['save-image']): void {
    this.step('save-image', { image }, options)
  }

  /** Makes a value part of what the plan is run for, and shows what can be shown. */
  show(value: Step, options: StepAttributes['show-image']): void {
    if (value.kind === 'image') this.step('show-image', { image: value }, options)
    else if (value.kind === 'mask')
      this.step('show-image', { image: this.step('mask-to-image', { mask: value }, {}) }, options)
    else if (value.kind === 'latent') this.step('show-latent', { latent: value }, {})
    else this.step('need', { value }, {})
  }
}

function idsByName(inputs: Inputs): readonly (readonly [string, number])[] {
  return Object.keys(inputs)
    .sort()
    .map((name) => [name, inputs[name]?.id ?? -1])
}

/** Attributes with their keys in one order at every depth, so that equal ones print equally. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}
