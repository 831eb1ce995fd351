import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Provider } from '../onnx/passes/recipes.ts'
import type { Binding, ElementArrays, ElementType, OrtTensor, Port, Session, SessionOptions } from './binding.ts'

type Ort = typeof import('onnxruntime-node')

/** onnxruntime-node prints errors only. */
const logErrors = 3

/**
 * ONNX Runtime through onnxruntime-node. A run and the making of a session keep the thread busy and cannot be stopped,
 * providers take no options, and float16 does not cross the border.
 * @param hasCuda whether the provider for CUDA lies beside its library, which says it has it all the same
 */
export function createNodeBinding(ort: Ort, version: string, hasCuda: boolean): Binding {
  const names = new Set<string>(ort.listSupportedBackends().map(({ name }) => name))
  const providers: readonly Provider[] = ['cpu', 'cuda', 'dml', 'coreml', 'webgpu']
  return {
    name: 'node',
    version,
    providers: new Set(providers.filter((name) => names.has(name) && (name !== 'cuda' || hasCuda))),
    async createSession(model, options) {
      // two overloads
      const session = await (typeof model === 'string'
        ? ort.InferenceSession.create(model, nodeOptions(options))
        : ort.InferenceSession.create(model, nodeOptions(options)))
      return new NodeSession(session)
    },
    tensor: (type, data, shape) => new NodeTensor(new ort.Tensor(type, data, shape)),
  }
}

function nodeOptions(options: SessionOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: options.providers.map(({ name }) => name),
    graphOptimizationLevel: options.optimisation,
    logSeverityLevel: logErrors,
    enableMemPattern: options.memoryPattern,
    extra: options.config,
    ...(options.optimisedModel !== undefined && { optimizedModelFilePath: options.optimisedModel }),
    ...(options.profile !== undefined && { enableProfiling: true, profileFilePrefix: options.profile }),
    ...(options.externalFiles && {
      externalData: Object.entries(options.externalFiles).map(([path, data]) => ({ path, data })),
    }),
  }
}

class NodeTensor implements OrtTensor {
  readonly tensor: Tensor
  readonly type: ElementType

  constructor(tensor: Tensor) {
    this.tensor = tensor
    this.type = elementType(tensor.type)
  }

  get shape(): readonly number[] {
    return this.tensor.dims
  }

  data(): ElementArrays[ElementType] {
    // its type was checked
    return this.tensor.data as ElementArrays[ElementType]
  }

  release(): void {
    this.tensor.dispose()
  }
}

class NodeSession implements Session {
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  readonly #session: InferenceSession

  constructor(session: InferenceSession) {
    this.#session = session
    this.inputs = session.inputMetadata.map(portOf)
    this.outputs = session.outputMetadata.map(portOf)
  }

  async run(
    inputs: ReadonlyMap<string, OrtTensor>,
    _signal?: AbortSignal,
    into: ReadonlyMap<string, OrtTensor> = new Map(),
  ): Promise<ReadonlyMap<string, OrtTensor>> {
    const fetched = this.outputs.map(({ name }) => [name, into.get(name)] as const)
    const outputs = await this.#session.run(
      Object.fromEntries(Array.from(inputs, ([name, tensor]) => [name, ours(tensor)])),
      Object.fromEntries(fetched.map(([name, tensor]) => [name, tensor ? ours(tensor) : null])),
    )
    return new Map(fetched.map(([name, tensor]) => [name, tensor ?? new NodeTensor(outputs[name] as Tensor)]))
  }

  release(): Promise<void> {
    return this.#session.release()
  }
}

function ours(tensor: OrtTensor): Tensor {
  if (tensor instanceof NodeTensor) return tensor.tensor
  throw new Error('A tensor of another binding was given to a session.')
}

function portOf(metadata: InferenceSession.ValueMetadata): Port {
  if (!metadata.isTensor) throw new Error(`${metadata.name} is no tensor.`)
  const { name, type, shape } = metadata
  return { name, type: elementType(type), shape }
}

function elementType(type: Tensor.Type): ElementType {
  switch (type) {
    case 'float32':
    case 'float16':
    case 'int64':
    case 'int32':
    case 'uint8':
      return type
    default:
      throw new Error(`A tensor has elements of the type ${type}, which is not supported.`)
  }
}
