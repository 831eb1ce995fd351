import { LoomError } from '#core/errors.ts'
import { toErrorData } from '#core/protocol/error-data.ts'
import type { LoweredModel, Model } from '../models/networks/model.ts'
import { activationBytes, axisSizes } from '../onnx/activations.ts'
import { batched } from '../tensor/batch.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import { chooseDevice, type Device } from './devices.ts'
import type { RunningStep } from './executor.ts'
import type { Profile } from './profile.ts'
import type { Resident, Residents } from './residents.ts'
import { type Feed, type NetworkSession, ownBytes } from './session.ts'

/** What a network needs of the step that uses it. */
export interface Using extends Pick<RunningStep, 'signal' | 'emit'> {
  readonly profile?: Profile | undefined
  /** Asks for `memory` events. */
  readonly explain?: boolean | undefined
  /** The step has another way when memory runs out, so only what else is on the device is released. */
  readonly hasOtherWay?: boolean
}

export type Feeds = Readonly<Record<string, Feed>>
type Shapes = Readonly<Record<string, Pick<Feed, 'shape'>>>
type Outputs = Readonly<Record<string, FloatTensor>>

interface Residing {
  /** Shown in errors and progress: `UNet of emoji-tiny.safetensors` */
  readonly name: string
  readonly model: Model
  readonly device: Device
  /** What else is on the device. */
  readonly residents: Residents
  open(device: Device, using: Using): Promise<NetworkSession>
}

/**
 * A network that is on its device while there is room, and is opened again when it is next used. What the device cannot do
 * is done another way, and the artist is told: numbers beyond float16 in float32; when memory runs out, without the other
 * networks, then a batch one by one, then on the processor.
 */
export class ResidentNetwork implements Resident {
  readonly #residing: Residing
  /** Where it is, or will be opened. */
  #device: Device
  #home: Device
  #session: NetworkSession | undefined
  #lowered: { readonly on: Device; readonly model: Promise<LoweredModel> } | undefined
  /** The last estimate, and the device and shapes that it is of. */
  #estimated: { readonly of: string; readonly activations: number } | undefined
  /** Most bytes that a run has taken, by estimate. */
  #activations = 0
  /** Sizes of feeds, by `bytesOf`, from which on a batch is computed one by one, and on the processor, for want of memory. */
  #apartFrom = Number.POSITIVE_INFINITY
  #processorFrom = Number.POSITIVE_INFINITY

  constructor(residing: Residing) {
    this.#residing = residing
    this.#device = residing.device
    this.#home = residing.device
  }

  get name(): string {
    return this.#residing.name
  }

  get model(): Model {
    return this.#residing.model
  }

  /** Bytes of weights that it owns in the processor's memory. */
  get processorBytes(): number {
    return this.#device.name === 'cpu' ? (this.#session?.ownBytes ?? 0) : 0
  }

  get bytes(): number {
    return (this.#session?.ownBytes ?? 0) + this.#activations
  }

  /**
   * Opens it now, rather than at its first use.
   * @throws LoomError as `NetworkSession.create`
   */
  async open(using: Using): Promise<this> {
    try {
      await this.#makeRoom(0)
      await this.#open(using)
    } catch (error) {
      await this.#remedy(error, {}, using)
      return this.open(using)
    }
    return this
  }

  /**
   * Runs the network once, wherever and however it can be.
   * @throws LoomError as `NetworkSession.run` if there is no other way left
   */
  async run(feeds: Feeds, using: Using): Promise<Outputs> {
    try {
      const isSplit = bytesOf(feeds) >= this.#apartFrom && this.#batchOf(feeds) > 1
      return isSplit ? await this.#runApart(feeds, using) : await this.#runOnce(feeds, using)
    } catch (error) {
      await this.#remedy(error, feeds, using)
      return this.run(feeds, using)
    }
  }

  /**
   * Whether it is within the device's budget by itself, by estimate; true if the budget is not known.
   * @param feeds the shapes of what it will be fed, as far as they vary
   */
  async fits(feeds: Shapes): Promise<boolean> {
    const { budget } = this.#residing.residents
    if (budget === undefined || !this.#isHome) return true
    return ownBytes(await this.#loweredModel(), this.#home) + (await this.#activationBytes(feeds)) <= budget
  }

  async release(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    this.#activations = 0
    this.#residing.residents.forget(this)
    await session?.release()
  }

  async #runOnce(feeds: Feeds, using: Using): Promise<Outputs> {
    await this.#moveTo(bytesOf(feeds) >= this.#processorFrom ? chooseDevice('cpu') : this.#home)
    const { activations, isNew } = await this.#estimate(feeds, using)
    const released = await this.#makeRoom(activations)
    const session = await this.#open(using)
    this.#activations = Math.max(this.#activations, activations)
    if (using.explain && isNew) this.#explain(session, { activations, released, using })
    return session.run(feeds, using.signal)
  }

  /** Each item of the batch by itself. */
  async #runApart(feeds: Feeds, using: Using): Promise<Outputs> {
    const parts: Outputs[] = []
    for (let index = 0; index < this.#batchOf(feeds); index++) {
      const item = Object.entries(feeds).map(([name, feed]) => [
        name,
        this.#hasBatch(name) ? itemAt(feed, index) : feed,
      ])
      parts.push(await this.run(Object.fromEntries(item), using))
    }
    const names = Object.keys(parts[0] ?? {})
    return Object.fromEntries(names.map((name) => [name, batched(parts.flatMap((part) => part[name] ?? []))]))
  }

  async #open(using: Using): Promise<NetworkSession> {
    const { residents, open } = this.#residing
    this.#session ??= await open(this.#device, using)
    if (this.#isHome) residents.hold(this)
    return this.#session
  }

  get #isHome(): boolean {
    return this.#device === this.#home
  }

  /** Releases others for the weights and for what a run takes. Returns their names. */
  async #makeRoom(activations: number): Promise<readonly string[]> {
    const { residents } = this.#residing
    if (residents.budget === undefined || !this.#isHome) return []
    const weights = this.#session?.ownBytes ?? ownBytes(await this.#loweredModel(), this.#device)
    return residents.makeRoom(this, weights + Math.max(this.#activations, activations))
  }

  #explain(
    { ownBytes: weights }: NetworkSession,
    { activations, released, using }: { activations: number; released: readonly string[]; using: Using },
  ): void {
    const { budget, why } = this.#residing.residents.memory
    const place = this.#isHome
      ? { ...(budget !== undefined && { budget }), why }
      : { why: 'it did not fit on the device' }
    const device = this.#device.name
    using.emit({ type: 'memory', of: this.name, device, weights, activations, released: [...released], ...place })
  }

  async #moveTo(device: Device): Promise<void> {
    if (device.name === this.#device.name && device.precision === this.#device.precision) return
    await this.release()
    this.#device = device
  }

  /**
   * Changes what failed, and tells it.
   * @throws the error if nothing is left to change
   */
  async #remedy(error: unknown, feeds: Feeds, { emit, hasOtherWay = false }: Using): Promise<void> {
    if (!(error instanceof LoomError)) throw error
    const { name, residents } = this.#residing
    const tell = (message: string) => emit({ type: 'warning', error: toErrorData(new LoomError(error.code, message)) })
    if (error.code === 'range' && (await precisionOn(this.#residing.model, this.#device)) === 'float16') {
      this.#home = chooseDevice(this.#home.name, 'float32')
      await this.#moveTo(this.#home)
      tell(`The ${name} gave numbers beyond half precision, so it computes in float32.`)
      return
    }
    if (error.code !== 'memory') throw error
    const ranOut = `The memory of ${this.#device.name} ran out`
    const released = await residents.releaseOthers(this)
    if (released.length > 0) {
      tell(`${ranOut}, so what was kept there was released: ${released.join(', ')}.`)
    } else if (hasOtherWay) {
      throw error
    } else if (this.#batchOf(feeds) > 1 && bytesOf(feeds) < this.#apartFrom) {
      this.#apartFrom = bytesOf(feeds)
      tell(`${ranOut}, so the ${name} computes a batch of ${this.#batchOf(feeds)} one by one.`)
    } else if (this.#device.name !== 'cpu') {
      this.#processorFrom = bytesOf(feeds)
      await this.#moveTo(chooseDevice('cpu'))
      tell(`${ranOut}, so the ${name} runs on the processor, which takes longer.`)
    } else throw error
  }

  /** What a run takes; 0 where nobody asks. `isNew`: the run before was of other sizes, or there was none. */
  async #estimate(feeds: Feeds, { explain }: Using): Promise<{ activations: number; isNew: boolean }> {
    const { residents } = this.#residing
    if (!explain && (residents.budget === undefined || !this.#isHome)) return { activations: 0, isNew: false }
    const of = JSON.stringify([
      this.#device.name,
      this.#device.precision,
      Object.values(feeds).map(({ shape }) => shape),
    ])
    const isNew = this.#estimated?.of !== of
    if (!this.#estimated || isNew) this.#estimated = { of, activations: await this.#activationBytes(feeds) }
    return { activations: this.#estimated.activations, isNew }
  }

  async #activationBytes(feeds: Shapes): Promise<number> {
    const { graph } = await this.#loweredModel()
    return activationBytes(graph, axisSizes(graph, feeds))
  }

  /** The network as the device has it, made once. */
  #loweredModel(): Promise<LoweredModel> {
    const device = this.#device
    if (this.#lowered?.on !== device) this.#lowered = { on: device, model: loweredFor(this.model, device) }
    return this.#lowered.model
  }

  #batchOf(feeds: Feeds): number {
    const name = Object.keys(feeds).find((input) => this.#hasBatch(input))
    return (name !== undefined && feeds[name]?.shape[0]) || 1
  }

  #hasBatch(input: string): boolean {
    const [first] = this.#residing.model.graph.inputs.find(({ name }) => name === input)?.shape ?? []
    return String(first) === 'batch'
  }
}

const precisionOn = async (model: Model, device: Device) => model.precision(await device.computesIn())

async function loweredFor(model: Model, device: Device): Promise<LoweredModel> {
  return model.lowered({ provider: device.name, precision: await device.computesIn() })
}

/** A measure of the work: bytes of the latents and pictures, or of the tokens where there are none. */
function bytesOf(feeds: Feeds): number {
  const all = Object.values(feeds)
  const planes = all.filter(({ shape }) => shape.length === 4)
  return (planes.length > 0 ? planes : all).reduce((sum, { data }) => sum + data.byteLength, 0)
}

function itemAt({ data, shape: [batch = 1, ...rest] }: Feed, index: number): Feed {
  const size = data.length / batch
  const shape = [1, ...rest]
  const [start, end] = [index * size, (index + 1) * size]
  return data instanceof Float32Array
    ? { data: data.subarray(start, end), shape }
    : { data: data.subarray(start, end), shape }
}
