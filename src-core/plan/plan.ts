import { LoomError } from '#core/errors.ts'
import type { PlanBuilder } from './builder.ts'
import type { SchedulerSpec } from './scheduler.ts'
import { type Step, type StepAttributes, type StepOp, signatureOf, type ValueKind } from './step.ts'

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

  encodePrompt(clip: Step<'clip'>, text: string): Step<'conditioning'> {
    const session = this.step('session', { of: clip }, { network: 'text-encoder' })
    return this.step('encode-prompt', { session }, { text })
  }

  scheduler(spec: SchedulerSpec): Step<'scheduler'> {
    return this.step('scheduler', {}, { spec })
  }

  emptyLatent(size: StepAttributes['empty-latent']): Step<'latent'> {
    return this.step('empty-latent', {}, size)
  }

  loadImage(file: string): Step<'image'> {
    return this.step('load-image', {}, { file })
  }

  vaeEncode(vae: Step<'vae'>, image: Step<'image'>, options: StepAttributes['vae-encode']): Step<'latent'> {
    const session = this.step('session', { of: vae }, { network: 'vae-encoder' })
    return this.step('vae-encode', { session, image }, options)
  }

  sample({ model, ...of }: Parameters<PlanBuilder['sample']>[0], options: StepAttributes['sample']): Step<'latent'> {
    const session = this.step('session', { of: model }, { network: 'unet' })
    const inputs: Record<string, Step> = { session, positive: of.positive, latent: of.latent, scheduler: of.scheduler }
    if (of.negative) inputs.negative = of.negative
    return this.step('sample', inputs, options)
  }

  vaeDecode(vae: Step<'vae'>, latent: Step<'latent'>): Step<'image'> {
    const session = this.step('session', { of: vae }, { network: 'vae-decoder' })
    return this.step('vae-decode', { session, latent }, {})
  }

  saveImage(image: Step<'image'>, options: StepAttributes['save-image']): void {
    this.step('save-image', { image }, options)
  }

  /** Makes a value part of what the plan is run for, and shows what can be shown. */
  show(value: Step, options: StepAttributes['show-image']): void {
    if (value.kind === 'image') this.step('show-image', { image: value }, options)
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
