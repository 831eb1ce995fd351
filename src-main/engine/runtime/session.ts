import { InferenceSession, Tensor } from 'onnxruntime-node'
import { LoomError } from '#core/errors.ts'
import type { Device } from './devices.ts'
import type { FloatTensor } from './values.ts'

/** What a session takes: floats, or int64 token ids. */
export type Feed = FloatTensor | { readonly data: BigInt64Array; readonly shape: readonly number[] }

/** A model to make a session of. */
interface Model {
  /** Shown in errors and progress: `UNet of emoji-tiny.safetensors`. */
  readonly name: string
  /** The ONNX protobuf; its initializers point into files by paths below `/`. */
  readonly bytes: Uint8Array
  /** Bytes of the weights in the session's own precision, for the memory budget. */
  readonly weightBytes: number
}

/** One network on one device. Its calls block this process's only thread: nothing else runs meanwhile. */
export class NetworkSession {
  readonly name: string
  readonly weightBytes: number
  readonly #session: InferenceSession

  private constructor(model: Model, session: InferenceSession) {
    this.name = model.name
    this.weightBytes = model.weightBytes
    this.#session = session
  }

  /** @throws LoomError `memory` when the weights do not fit, else `engine` with ONNX Runtime's sentence */
  static async create(model: Model, device: Device): Promise<NetworkSession> {
    try {
      return new NetworkSession(model, await InferenceSession.create(model.bytes, device.sessionOptions))
    } catch (cause) {
      throw runtimeError(`${model.name} could not be loaded on ${device.name}`, cause)
    }
  }

  /**
   * Runs the network once; every output is a float32 tensor.
   * @throws LoomError `memory` or `engine`
   */
  async run(feeds: Readonly<Record<string, Feed>>): Promise<Readonly<Record<string, FloatTensor>>> {
    try {
      const outputs = await this.#session.run(
        Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, toOrt(feed)])),
      )
      return Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, fromOrt(name, output)]))
    } catch (cause) {
      throw runtimeError(`${this.name} failed while running`, cause)
    }
  }

  async release(): Promise<void> {
    await this.#session.release()
  }
}

function toOrt({ data, shape }: Feed): Tensor {
  return data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int64', data, shape)
}

function fromOrt(name: string, { data, dims }: Tensor): FloatTensor {
  if (data instanceof Float32Array) return { data, shape: dims }
  throw new LoomError('internal', `The output ${name} is not float32.`)
}

function runtimeError(what: string, cause: unknown): LoomError {
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
