import { InferenceSession, Tensor, type TypedTensor } from 'onnxruntime-node'
import type { Model } from '#engine/models/networks/model.ts'
import type { GoldenTensor } from './goldens.ts'

/** A session that verifies the model's graph after every pass. */
export function openSession(model: Model, provider: 'cpu' | 'webgpu' = 'cpu'): Promise<InferenceSession> {
  return openBytes(model.bytes({ verify: true, provider }), provider, model.graphOptimizationLevel)
}

export function openBytes(
  bytes: Uint8Array,
  provider: 'cpu' | 'webgpu' = 'cpu',
  graphOptimizationLevel: Model['graphOptimizationLevel'] = 'all',
): Promise<InferenceSession> {
  return InferenceSession.create(bytes, {
    graphOptimizationLevel,
    executionProviders: [provider],
    extra: {
      session: {
        model_external_initializers_file_folder_path: '/',
        // threads that wait for work would take the processor from the files beside
        intra_op: { allow_spinning: '0' },
      },
    },
    logSeverityLevel: 3,
  })
}

export function feed({ data, shape }: GoldenTensor): Tensor {
  return data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int64', data, shape)
}

/** Runs a session once, and returns the data of a float32 output. */
export async function floatsOf(
  session: InferenceSession,
  feeds: Readonly<Record<string, Tensor>>,
  output: string,
): Promise<Float32Array> {
  const data = (await session.run(feeds))[output]?.data
  if (data instanceof Float32Array) return data
  throw new Error(`There is no float32 output ${output}.`)
}

/** Runs the parts of a network in order, with earlier outputs as later inputs. Returns all outputs. */
export async function runParts(
  sessions: readonly InferenceSession[],
  feeds: Readonly<Record<string, Tensor>>,
): Promise<ReadonlyMap<string, Tensor>> {
  const values = new Map(Object.entries(feeds))
  for (const session of sessions) {
    const inputs = Object.fromEntries(
      session.inputNames.map((name) => {
        const value = values.get(name)
        if (!value) throw new Error(`Nothing crosses as ${name}.`)
        return [name, value]
      }),
    )
    for (const [name, value] of Object.entries(await session.run(inputs))) values.set(name, value as Tensor)
  }
  return values
}

/** A tensor of small deterministic numbers. */
export function sample(shape: readonly number[]): TypedTensor<'float32'> {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1))
  return new Tensor(
    'float32',
    values.map((_, index) => Math.sin(index * 12.9898) * 1.5),
    shape,
  )
}
