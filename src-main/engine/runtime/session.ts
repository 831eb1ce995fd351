import { LoomError } from '#core/errors.ts'
import type { LoweredModel, Model } from '../models/networks/model.ts'
import { externalFolder } from '../onnx/external.ts'
import type { PassOptions } from '../onnx/passes/rewrite.ts'
import type { OrtTensor, Session } from '../ort/binding.ts'
import { binding } from '../ort/open.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import { alone } from './alone.ts'
import type { Device } from './devices.ts'
import type { Profile } from './profile.ts'

/** An input of a session: floats, or int64 token ids. */
export type Feed = FloatTensor | { readonly data: BigInt64Array; readonly shape: readonly number[] }

export interface LoadOptions extends Pick<PassOptions, 'dump'> {
  readonly verify: boolean
  /** Called after each part. An error that it throws ends the loading. */
  readonly loaded?: (part: number, parts: number) => Promise<void>
  /** Ends the loading, within a part as well. */
  readonly signal?: AbortSignal | undefined
  /** Has ONNX Runtime measure every node. */
  readonly profile?: Profile | undefined
}

/** What a session is made of anew when the files of its weights turn out to be broken. */
export interface Instead {
  readonly of: () => LoweredModel
  /** Asked after each run, whose results do not count then. */
  readonly needed: () => boolean
}

/** A network on a device. */
export class NetworkSession {
  readonly name: string
  readonly #device: Device
  #model: LoweredModel
  /** Parts of the network in the order of execution. */
  #sessions: readonly Session[]
  #instead: Instead | undefined

  private constructor(name: string, model: LoweredModel, device: Device, sessions: readonly Session[]) {
    this.name = name
    this.#model = model
    this.#device = device
    this.#sessions = sessions
  }

  /** Bytes of the weights that it owns; those that it maps are the system's to keep or drop. */
  get ownBytes(): number {
    return ownBytes(this.#model, this.#device)
  }

  /**
   * @param name shown in errors and progress: `UNet of emoji-tiny.safetensors`
   * @throws LoomError `memory` if the weights do not fit, `unsupported` if they lie on several drives, else `engine`
   *   with ONNX Runtime's message
   */
  static async create(
    name: string,
    model: Model,
    device: Device,
    { instead, ...options }: LoadOptions & { readonly instead?: Instead | undefined },
  ): Promise<NetworkSession> {
    const precision = await device.computesIn()
    const lowered = model.lowered({ ...options, provider: device.name, precision })
    const session = new NetworkSession(name, lowered, device, await sessionsOf(name, lowered, device, options))
    session.#instead = instead
    return session
  }

  /**
   * Runs the network once. Every output is a float32 tensor of finite numbers.
   * @param signal stops the run, whose memory is freed a moment later
   * @throws LoomError `cancelled`; `memory` or `engine`; `range` for broken weights, where a black picture would explain
   *   nothing
   */
  async run(
    feeds: Readonly<Record<string, Feed>>,
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, FloatTensor>>> {
    const [result] = await Promise.allSettled([alone(() => this.#run(feeds, signal), signal)])
    if (this.#instead?.needed() && !signal?.aborted) {
      await this.#remake(this.#instead.of(), signal)
      return this.run(feeds, signal)
    }
    if (result.status === 'rejected') throw result.reason
    return result.value
  }

  async #remake(model: LoweredModel, signal: AbortSignal | undefined): Promise<void> {
    await this.release()
    this.#sessions = []
    this.#sessions = await sessionsOf(this.name, model, this.#device, { verify: false, signal })
    this.#model = model
    this.#instead = undefined
  }

  async #run(
    feeds: Readonly<Record<string, Feed>>,
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, FloatTensor>>> {
    const values = new Map(Object.entries(feeds).map(([name, feed]) => [name, toOrt(feed)]))
    try {
      let outputs: ReadonlyMap<string, OrtTensor> = new Map()
      for (const session of this.#sessions) {
        const inputs = new Map(session.inputs.map(({ name }) => [name, values.get(name) ?? unfed(name)]))
        outputs = await session.run(inputs, signal)
        for (const [name, output] of outputs) values.set(name, output)
      }
      return Object.fromEntries(Array.from(outputs, ([name, output]) => [name, this.#read(name, output)]))
    } catch (cause) {
      throw runtimeError(`${this.name} failed while running`, cause)
    } finally {
      for (const value of values.values()) value.release()
    }
  }

  #read(name: string, tensor: OrtTensor): FloatTensor {
    const data = tensor.data()
    if (!(data instanceof Float32Array)) throw new LoomError('internal', `The output ${name} is not float32.`)
    if (data.every(Number.isFinite)) return { data, shape: tensor.shape }
    throw new LoomError('range', `The ${this.name} gave numbers that are not finite.`, {
      hint: 'Lower the guidance and the strengths of the adapters, or take --precision float32; if it stays, the file holds broken weights.',
    })
  }

  async release(): Promise<void> {
    for (const session of this.#sessions) await session.release()
  }
}

async function sessionsOf(
  name: string,
  model: LoweredModel,
  device: Device,
  { loaded = async () => {}, signal, profile, verify }: LoadOptions,
): Promise<readonly Session[]> {
  const sessions: Session[] = []
  try {
    const { graphOptimizationLevel: level, foldedBytes } = model
    // where nothing is left to fold, `basic` finds nothing to do that matters, and takes half of the time
    const needed = device.name === 'cpu' && level === 'basic' && foldedBytes === 0 ? 'disabled' : level
    const sessionOptions = device.sessionOptions(folderOf(model, name), needed)
    const parts = model.parts({ verify })
    for (const [index, part] of parts.entries()) {
      const label = parts.length === 1 ? name : `${name}, part ${index + 1}`
      const create = () => {
        const measured = profile ? { ...sessionOptions, profile: profile.session(label) } : sessionOptions
        return binding.createSession(part, measured, signal)
      }
      sessions.push(await alone(create, signal))
      await loaded(sessions.length, parts.length)
    }
    return sessions
  } catch (cause) {
    for (const session of sessions) await session.release()
    throw runtimeError(`${name} could not be loaded on ${device.name}`, cause)
  }
}

/** Bytes of the weights that a session will own on its device. A graphics card has its own copy of all. */
export function ownBytes(model: LoweredModel, device: Pick<Device, 'name'>): number {
  if (device.name === 'cpu') return model.foldedBytes
  return model.precision('float16') === 'float16' ? model.weightBytes / 2 : model.weightBytes
}

function unfed(name: string): never {
  throw new LoomError('internal', `Nothing was fed to the input ${name}.`)
}

/** The common folder of a session's files: the root of their drive. */
function folderOf({ files }: Model, name: string): string {
  const [root = '/', ...others] = new Set(files.map(externalFolder))
  if (others.length === 0) return root
  throw new LoomError('unsupported', `${name} is made of files on several drives: ${[root, ...others].join(', ')}.`, {
    hint: 'Copy the adapters to the drive of the checkpoint.',
  })
}

function toOrt({ data, shape }: Feed): OrtTensor {
  return data instanceof Float32Array ? binding.tensor('float32', data, shape) : binding.tensor('int64', data, shape)
}

/**
 * What ONNX Runtime, C++, CUDA, cuBLAS, cuDNN, Direct3D, Metal, Vulkan and Dawn say when memory runs out, and where a buffer
 * would be larger than an adapter allows.
 */
const outOfMemory = [
  /bad[_ ]?alloc|BFCArena|alloc\w*[_ ]failed|failed to (?:\w+ )*alloc/i,
  /out[ _]?of[ _]?(?:\w+[ _])?memory|not enough (?:\w+ )*memory|insufficient (?:\w+ )*memory|8007000e/i,
  /memory of \d+ is smaller than requested/i,
  /(?:buffer|binding) (?:size|range)?.*(?:exceeds|larger than|greater than).*(?:max|limit)/i,
]

export const isOutOfMemory = (reason: string): boolean => outOfMemory.some((pattern) => pattern.test(reason))

function runtimeError(what: string, cause: unknown): LoomError {
  if (cause instanceof LoomError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  if (isOutOfMemory(reason)) {
    return new LoomError('memory', `${what}: there is not enough memory.`, {
      hint: 'Close other programs, choose a smaller picture or a smaller batch, or run on another device.',
      cause,
    })
  }
  return new LoomError('engine', `${what}: ${reason}`, {
    hint: 'Try --device cpu; with --verify the graph is checked pass by pass.',
    cause,
  })
}
