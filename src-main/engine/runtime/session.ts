import { InferenceSession, Tensor } from 'onnxruntime-node'
import { LoomError } from '#core/errors.ts'
import type { Model } from '../models/networks/model.ts'
import { externalFolder } from '../onnx/external.ts'
import type { Device } from './devices.ts'
import type { FloatTensor } from './values.ts'

/** What a session takes: floats, or int64 token ids. */
export type Feed = FloatTensor | { readonly data: BigInt64Array; readonly shape: readonly number[] }

/** One network on one device. Its calls block this process's only thread: nothing else runs meanwhile. */
export class NetworkSession {
  readonly name: string
  /** What the weights take in float32, in bytes. */
  readonly weightBytes: number
  readonly #session: InferenceSession

  private constructor(name: string, weightBytes: number, session: InferenceSession) {
    this.name = name
    this.weightBytes = weightBytes
    this.#session = session
  }

  /**
   * @param name shown in errors and progress: `UNet of emoji-tiny.safetensors`
   * @throws LoomError `memory` when the weights do not fit, `unsupported` when they lie on several drives, else `engine`
   *   with ONNX Runtime's sentence
   */
  static async create(
    name: string,
    model: Model,
    device: Device,
    options: { readonly verify: boolean },
  ): Promise<NetworkSession> {
    const bytes = model.bytes({ ...options, recipe: device.recipe })
    try {
      const session = await InferenceSession.create(bytes, {
        ...device.sessionOptions,
        graphOptimizationLevel: model.graphOptimizationLevel,
        extra: { session: { model_external_initializers_file_folder_path: folderOf(model, name) } },
      })
      return new NetworkSession(name, model.weightBytes, session)
    } catch (cause) {
      throw runtimeError(`${name} could not be loaded on ${device.name}`, cause)
    }
  }

  /**
   * Runs the network once; every output is a float32 tensor of finite numbers.
   * @throws LoomError `memory` or `engine`; `range` for broken weights: a black picture would not say why
   */
  async run(feeds: Readonly<Record<string, Feed>>): Promise<Readonly<Record<string, FloatTensor>>> {
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, toOrt(feed)]))
    const outputs = await this.#session.run(inputs).catch((cause: unknown) => {
      throw runtimeError(`${this.name} failed while running`, cause)
    })
    return Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, this.#read(name, output)]))
  }

  #read(name: string, { data, dims }: Tensor): FloatTensor {
    if (!(data instanceof Float32Array)) throw new LoomError('internal', `The output ${name} is not float32.`)
    if (data.every(Number.isFinite)) return { data, shape: dims }
    throw new LoomError('range', `The ${this.name} gave numbers that are not finite.`, {
      hint: 'Lower the guidance and the strengths of the adapters; if it stays, the file holds broken weights.',
    })
  }

  async release(): Promise<void> {
    await this.#session.release()
  }
}

/** One folder holds all files of a session: the root of their drive. */
function folderOf({ files }: Model, name: string): string {
  const [root = '/', ...others] = new Set(files.map(externalFolder))
  if (others.length === 0) return root
  throw new LoomError('unsupported', `${name} is made of files on several drives: ${[root, ...others].join(', ')}.`, {
    hint: 'Copy the adapters to the drive of the checkpoint.',
  })
}

function toOrt({ data, shape }: Feed): Tensor {
  return data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int64', data, shape)
}

function runtimeError(what: string, cause: unknown): LoomError {
  if (cause instanceof LoomError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  if (/bad_alloc|allocat|out of memory|BFCArena/i.test(reason)) {
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
