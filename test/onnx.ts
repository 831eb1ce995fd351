import type { Model } from '#engine/models/networks/model.ts'
import type { ElementArrays, ElementType, Session, SessionOptions } from '#engine/ort/binding.ts'
import { binding } from '#engine/ort/open.ts'
import type { Feed } from '#engine/runtime/session.ts'
import type { FloatTensor } from '#engine/tensor/float-tensor.ts'

export type Feeds = Readonly<Record<string, Feed>>

interface Result {
  readonly type: ElementType
  readonly data: ElementArrays[ElementType]
  readonly shape: readonly number[]
}

/** A session of the binding that the engine uses, with tensors of JavaScript at its edges. */
export interface TestSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  run(feeds: Feeds): Promise<Readonly<Record<string, Result>>>
  release(): Promise<void>
}

/** A session that verifies the model's graph after every pass. */
export function openSession(model: Model, provider: 'cpu' | 'webgpu' = 'cpu'): Promise<TestSession> {
  return openBytes(model.bytes({ verify: true, provider }), provider, model.graphOptimizationLevel)
}

export async function openBytes(
  bytes: Uint8Array,
  provider: 'cpu' | 'webgpu' = 'cpu',
  optimisation: SessionOptions['optimisation'] = 'all',
  config: SessionOptions['config'] = {},
): Promise<TestSession> {
  const session = await binding.createSession(bytes, {
    providers: [{ name: provider }],
    optimisation,
    memoryPattern: true,
    config: {
      'session.model_external_initializers_file_folder_path': '/',
      // threads that wait for work would take the processor from the files beside
      'session.intra_op.allow_spinning': '0',
      ...config,
    },
  })
  return {
    inputNames: session.inputs.map(({ name }) => name),
    outputNames: session.outputs.map(({ name }) => name),
    run: (feeds) => run(session, feeds),
    release: () => session.release(),
  }
}

async function run(session: Session, feeds: Feeds): Promise<Readonly<Record<string, Result>>> {
  // a graph drops an input that changes nothing
  const wanted = Object.entries(feeds).filter(([name]) => session.inputs.some((input) => input.name === name))
  const inputs = new Map(
    wanted.map(([name, { data, shape }]) => [
      name,
      data instanceof Float32Array ? binding.tensor('float32', data, shape) : binding.tensor('int64', data, shape),
    ]),
  )
  const outputs = await session.run(inputs)
  const results = Array.from(outputs, ([name, tensor]) => {
    const { type, shape } = tensor
    return [name, { type, shape, data: tensor.data() }] as const
  })
  for (const tensor of [...inputs.values(), ...outputs.values()]) tensor.release()
  return Object.fromEntries(results)
}

/** Runs a session once, and returns the data of a float32 output. */
export async function floatsOf(session: TestSession, feeds: Feeds, output: string): Promise<Float32Array> {
  const data = (await session.run(feeds))[output]?.data
  if (data instanceof Float32Array) return data
  throw new Error(`There is no float32 output ${output}.`)
}

/** Runs the parts of a network in order, with earlier outputs as later inputs. Returns all outputs. */
export async function runParts(sessions: readonly TestSession[], feeds: Feeds): Promise<ReadonlyMap<string, Feed>> {
  const values = new Map(Object.entries(feeds))
  for (const session of sessions) {
    const inputs = Object.fromEntries(
      session.inputNames.map((name) => {
        const value = values.get(name)
        if (!value) throw new Error(`Nothing crosses as ${name}.`)
        return [name, value]
      }),
    )
    for (const [name, { data, shape }] of Object.entries(await session.run(inputs))) {
      if (data instanceof Float32Array) values.set(name, { data, shape })
      else if (data instanceof BigInt64Array) values.set(name, { data, shape })
      else throw new Error(`${name} crosses and is neither float32 nor int64.`)
    }
  }
  return values
}

/** A tensor of small deterministic numbers. */
export function sample(shape: readonly number[]): FloatTensor {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1))
  return { data: values.map((_, index) => Math.sin(index * 12.9898) * 1.5), shape }
}
