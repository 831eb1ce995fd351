import { cancelled } from '#core/errors.ts'
import type { Api } from './api.ts'
import type { Address } from './api-table.ts'
import type { OrtTensor, Port, Session, SessionOptions } from './binding.ts'
import { CTensor, sizesOf, tensorAt, typeOf } from './c-tensor.ts'
import { Handle, made, written } from './handle.ts'
import { addressArray, countOf, stringArray } from './memory.ts'
import { sessionOptions } from './session-options.ts'

/**
 * Makes a session on another thread. Cancelling ends it within a node of the optimisation.
 * @throws LoomError `cancelled`; OrtError
 */
export async function createCSession(
  api: Api,
  environment: Address,
  model: Uint8Array | string,
  options: SessionOptions,
  signal?: AbortSignal,
): Promise<Session> {
  const { calls } = api
  using native = sessionOptions(api, options)
  const into = new BigUint64Array(1)
  await stoppable(signal, {
    stop: () => calls.SessionOptionsSetLoadCancellationFlag(native.address, true),
    work: () =>
      typeof model === 'string'
        ? calls.CreateSession.later(environment, model, native.address, into)
        : calls.CreateSessionFromArray.later(environment, model, model.byteLength, native.address, into),
  })
  const handle = new Handle(into[0] ?? 0n, calls.ReleaseSession, options.externalFiles)
  if (!signal?.aborted) return new CSession(api, handle)
  // it was ready before the flag was seen
  handle.release()
  throw cancelled()
}

class CSession implements Session {
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  readonly #api: Api
  readonly #handle: Handle
  /** Tensors of runs that are under way. They would be released once nobody else holds them. */
  readonly #inUse = new Set<ReadonlyMap<string, OrtTensor>>()
  #run: Promise<unknown> = Promise.resolve()

  constructor(api: Api, handle: Handle) {
    this.#api = api
    this.#handle = handle
    const { calls } = api
    this.inputs = portsOf(api, handle.address, {
      count: calls.SessionGetInputCount,
      name: calls.SessionGetInputName,
      info: calls.SessionGetInputTypeInfo,
    })
    this.outputs = portsOf(api, handle.address, {
      count: calls.SessionGetOutputCount,
      name: calls.SessionGetOutputName,
      info: calls.SessionGetOutputTypeInfo,
    })
  }

  run(
    inputs: ReadonlyMap<string, OrtTensor>,
    signal?: AbortSignal,
    into: ReadonlyMap<string, OrtTensor> = new Map(),
  ): Promise<ReadonlyMap<string, OrtTensor>> {
    const used = new Map([...inputs, ...into])
    this.#inUse.add(used)
    const result = this.#runOnce(inputs, into, signal).finally(() => this.#inUse.delete(used))
    // without the results, which would be held by each later run
    this.#run = Promise.allSettled([this.#run, result]).then(() => undefined)
    return result
  }

  async #runOnce(
    inputs: ReadonlyMap<string, OrtTensor>,
    into: ReadonlyMap<string, OrtTensor>,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, OrtTensor>> {
    const { calls } = this.#api
    const fed = Array.from(inputs.values(), native)
    const given = this.outputs.map(({ name }) => into.get(name))
    // ONNX Runtime makes those whose address is NULL
    const outputs = addressArray(given.map((tensor) => (tensor ? native(tensor).handle.address : 0n)))
    using options = made(calls.CreateRunOptions, calls.ReleaseRunOptions)
    await stoppable(signal, {
      stop: () => calls.RunOptionsSetTerminate(options.address),
      work: () =>
        calls.Run.later(
          this.#handle.address,
          options.address,
          stringArray(this.#api, [...inputs.keys()]),
          addressArray(fed.map(({ handle }) => handle.address)),
          fed.length,
          stringArray(
            this.#api,
            this.outputs.map(({ name }) => name),
          ),
          outputs.length,
          outputs,
        ),
    })
    return new Map(
      this.outputs.map(({ name }, index) => [name, given[index] ?? tensorAt(this.#api, outputs[index] ?? 0n)]),
    )
  }

  async release(): Promise<void> {
    await this.#run
    const address = this.#handle.take()
    if (address !== undefined) await this.#api.calls.ReleaseSession.later(address)
  }
}

function native(tensor: OrtTensor): CTensor {
  if (tensor instanceof CTensor) return tensor
  throw new Error('A tensor of another binding was given to a session.')
}

interface Stoppable {
  work(): Promise<unknown>
  /** Asks native code to end `work` soon, with an error. */
  stop(): void
}

/** @throws LoomError `cancelled` if the signal stopped the work; else what it throws */
async function stoppable(signal: AbortSignal | undefined, { work, stop }: Stoppable): Promise<void> {
  if (signal?.aborted) throw cancelled()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    await work()
  } catch (error) {
    throw signal?.aborted ? cancelled() : error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

interface PortFunctions {
  count(session: Address, into: BigUint64Array): void
  name(session: Address, index: number, allocator: Address, into: BigUint64Array): void
  info(session: Address, index: number, into: BigUint64Array): void
}

function portsOf(api: Api, session: Address, { count, name, info }: PortFunctions): Port[] {
  const { calls } = api
  return Array.from({ length: countOf((into) => count(session, into)) }, (_, index) => {
    using typeInfo = made((into) => info(session, index, into), calls.ReleaseTypeInfo)
    // it belongs to the type info
    const tensor = written((into) => calls.CastTypeInfoToTensorInfo(typeInfo.address, into))
    return {
      name: ownText(api, (allocator, into) => name(session, index, allocator, into)),
      type: typeOf(api, tensor),
      shape: shapeOf(api, tensor),
    }
  })
}

/** Sizes, or their names where a run decides. */
function shapeOf(api: Api, tensor: Address): (number | string)[] {
  const sizes = sizesOf(api, tensor)
  const names = new BigUint64Array(sizes.length)
  api.calls.GetSymbolicDimensions(tensor, names, names.length)
  return sizes.map((size, index) => (size < 0 ? api.text(names[index] ?? 0n) : size))
}

/** A text that ONNX Runtime allocates for us. */
function ownText(api: Api, write: (allocator: Address, into: BigUint64Array) => void): string {
  const { calls } = api
  const allocator = written(calls.GetAllocatorWithDefaultOptions)
  const address = written((into) => write(allocator, into))
  const text = api.text(address)
  calls.AllocatorFree(allocator, address)
  return text
}
