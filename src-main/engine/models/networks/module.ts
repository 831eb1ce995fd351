import { LoomError } from '#core/errors.ts'
import type { Dtype } from '#core/formats/safetensors.ts'
import type { Graph } from '../../onnx/graph.ts'
import type { ElementType, Value } from '../../onnx/ir.ts'
import type { NetworkWeights, TensorRef, WeightDelta } from '../weights.ts'

const elementTypes: Readonly<Partial<Record<Dtype, ElementType>>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F8_E4M3: 'float8e4m3fn',
  F8_E5M2: 'float8e5m2',
}

/** A place in a network's tree of names, which gives its weights to the graph that is being built. */
export class Module {
  readonly graph: Graph
  readonly #weights: NetworkWeights
  readonly #path: string

  constructor(graph: Graph, weights: NetworkWeights, path = '') {
    this.graph = graph
    this.#weights = weights
    this.#path = path
  }

  /** The module below this one: `at('resnets.0')`. */
  at(name: string): Module {
    return new Module(this.graph, this.#weights, this.#path === '' ? name : `${this.#path}.${name}`)
  }

  has(name: string): boolean {
    return this.#weights.tensors.has(`${this.#path}.${name}`)
  }

  /**
   * A weight in float32 with its adapters' differences added; session start folds all of it. Axes of size 1 at the end
   * may be missing or too many. Throws `not-found`, `mismatch` or `unsupported`, naming the tensor.
   */
  weight(name: string, shape: readonly number[]): Value {
    const path = `${this.#path}.${name}`
    const deltas = this.#weights.deltas.get(path) ?? []
    const ref = this.#tensor(path, shape)
    if (deltas.length === 0) return inFloat32(this.graph, stored(this.graph, path, ref, shape))
    const [out = 1, ...rest] = shape
    const inner = count(rest)
    const base = inFloat32(this.graph, stored(this.graph, path, ref, [out, inner]))
    const sum = deltas.reduce(
      (weight, delta, index) => addDelta(this.graph, weight, delta, `${path}.delta${index}`),
      base,
    )
    return this.graph.reshape(sum, shape)
  }

  /** Rows of an embedding table, chosen before they become float32, so that the table stays in its file. */
  rows(name: string, shape: readonly number[], indices: Value): Value {
    const path = `${this.#path}.${name}`
    const table = this.#weights.deltas.has(path)
      ? this.weight(name, shape)
      : stored(this.graph, path, this.#tensor(path, shape), shape)
    return inFloat32(this.graph, this.graph.add('Gather', [table, indices], {}))
  }

  #tensor(path: string, shape: readonly number[]): TensorRef {
    const ref = this.#weights.tensors.get(path)
    if (!ref) {
      throw new LoomError('not-found', `The model has no tensor ${path}.`, {
        hint: 'The file is incomplete or of another kind; try the original download.',
      })
    }
    if (String(withoutOnes(ref.shape)) !== String(withoutOnes(shape))) {
      throw new LoomError('mismatch', `${path} has the shape [${ref.shape}]; the network needs [${shape}].`, {
        hint: `Its name in ${ref.file} is ${ref.name}.`,
      })
    }
    return ref
  }
}

/** `weight + scale * up @ down` on matrices. */
function addDelta(graph: Graph, weight: Value, { up, down, scale }: WeightDelta, path: string): Value {
  const [out = 1, inner = 1] = weight.shape.map(Number)
  const rank = count(up.shape) / out
  if (count(down.shape) !== rank * inner || up.shape[0] !== out) {
    throw new LoomError(
      'mismatch',
      `The adapter's ${up.name} [${up.shape}] and ${down.name} [${down.shape}] do not fit ${path} [${out},${inner}].`,
      { hint: 'The adapter was made for another model.' },
    )
  }
  const left = inFloat32(graph, stored(graph, `${path}.up`, up, [out, rank]))
  const right = inFloat32(graph, stored(graph, `${path}.down`, down, [rank, inner]))
  return graph.add('Gemm', [left, right, weight], { alpha: scale, transB: 0 })
}

function stored(graph: Graph, name: string, ref: TensorRef, shape: readonly number[]): Value {
  const dtype = elementTypes[ref.dtype]
  if (!dtype) throw new LoomError('unsupported', `${ref.name} in ${ref.file} has the dtype ${ref.dtype}.`)
  return graph.weight(name, dtype, shape, ref)
}

function inFloat32(graph: Graph, value: Value): Value {
  return value.dtype === 'float32' ? value : graph.add('Cast', [value], { to: 'float32' })
}

function withoutOnes(shape: readonly number[]): readonly number[] {
  const end = shape.findLastIndex((size) => size !== 1) + 1
  return shape.slice(0, Math.max(end, 1))
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}
