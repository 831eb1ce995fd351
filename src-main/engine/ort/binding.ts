import type { Provider } from '../onnx/passes/recipes.ts'

/** Types of tensor elements that cross the border, and the arrays that hold them. float16 needs the C API. */
export interface ElementArrays {
  float32: Float32Array
  float16: Uint16Array
  int64: BigInt64Array
  int32: Int32Array
  uint8: Uint8Array
}

export type ElementType = keyof ElementArrays

/** An input or output of a session. */
export interface Port {
  readonly name: string
  readonly type: ElementType
  /** Sizes, or the names of those that a run decides. */
  readonly shape: readonly (number | string)[]
}

/** A tensor as sessions take and give it. One that a session gave is fed to the next without a copy. */
export interface OrtTensor {
  readonly type: ElementType
  readonly shape: readonly number[]
  /** A copy of the elements, which outlives the tensor. */
  data(): ElementArrays[ElementType]
  release(): void
}

/** An execution provider, and its options as the provider documents them. */
export interface ProviderChoice {
  readonly name: Provider
  readonly options?: Readonly<Record<string, string>>
}

export interface SessionOptions {
  /** In order of preference. Each takes the nodes that it can; the CPU comes last in any case. */
  readonly providers: readonly ProviderChoice[]
  readonly optimisation: 'disabled' | 'basic' | 'extended' | 'all'
  /** One block of memory planned from the first run, in addition to the arena. */
  readonly memoryPattern: boolean
  /** Entries of the session's configuration: `session.intra_op.allow_spinning`. */
  readonly config: Readonly<Record<string, string>>
  /** Bytes of files that initializers name, instead of files. They must not change while the session lives. */
  readonly externalFiles?: Readonly<Record<string, Uint8Array>>
  /** File that receives the optimised model. */
  readonly optimisedModel?: string
  /** Prefix of the file that receives the profile when the session is released. */
  readonly profile?: string
}

export interface Session {
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  /**
   * Runs once. The inputs stay the caller's, the outputs become the caller's.
   * @param into tensors that receive outputs in the place of new ones
   * @throws LoomError `cancelled`; Error with ONNX Runtime's text
   */
  run(
    inputs: ReadonlyMap<string, OrtTensor>,
    signal?: AbortSignal,
    into?: ReadonlyMap<string, OrtTensor>,
  ): Promise<ReadonlyMap<string, OrtTensor>>
  /** Waits for a run that is under way. */
  release(): Promise<void>
}

/** A way to ONNX Runtime. */
export interface Binding {
  /** `c`: its C API, which answers while it computes and can be stopped. `node`: onnxruntime-node, which does neither. */
  readonly name: 'c' | 'node'
  /** Version of the library. */
  readonly version: string
  /** The providers that the library is built with. */
  readonly providers: ReadonlySet<Provider>
  /**
   * @param model an ONNX model, or the path of one
   * @throws LoomError `cancelled`; Error with ONNX Runtime's text
   */
  createSession(model: Uint8Array | string, options: SessionOptions, signal?: AbortSignal): Promise<Session>
  /** A tensor over the given elements, which must not change while it lives. */
  tensor<T extends ElementType>(type: T, data: ElementArrays[T], shape: readonly number[]): OrtTensor
}
