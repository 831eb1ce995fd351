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

/** A difference of a layer's weight that is added to what the layer gives: `strength * up(down(x))`. */
export interface LiveDelta {
  readonly down: Value
  readonly up: Value
  /** With alpha / rank in it: a number, or one for each channel between down and up. */
  readonly strength: Value
}

interface NamedDelta extends WeightDelta {
  /** Of its values in the graph. */
  readonly name: string
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
    return this.#sum(path, shape, this.#deltas(path))
  }

  /**
   * The weight of a linear layer or a convolution and, apart, the sum of the differences whose strength is known when it runs alone:
   * along their ranks they cost a fraction of what a new weight would in every run.
   */
  layerWeight(name: string, shape: readonly number[]): { weight: Value; live: LiveDelta | undefined } {
    const path = `${this.#path}.${name}`
    const deltas = this.#deltas(path)
    const folded = deltas.filter(({ live }) => live === undefined)
    const live = deltas.flatMap((delta) =>
      delta.live === undefined
        ? []
        : [{ ...halves(this.graph, delta, shape), strength: this.#strength(delta.live, delta.scale) }],
    )
    return { weight: this.#sum(path, shape, folded), live: sideBySide(this.graph, live) }
  }

  /** Rows of an embedding table, chosen before they become float32, so that the table stays in its file. */
  rows(name: string, shape: readonly number[], indices: Value): Value {
    const path = `${this.#path}.${name}`
    const table = this.#weights.deltas.has(path)
      ? this.weight(name, shape)
      : stored(this.graph, path, this.#tensor(path, shape), shape)
    return inFloat32(this.graph, this.graph.add('Gather', [table, indices], {}))
  }

  #deltas(path: string): NamedDelta[] {
    const deltas = this.#weights.deltas.get(path) ?? []
    return deltas.map((delta, index) => ({ ...delta, name: `${path}.delta${index}` }))
  }

  #sum(path: string, shape: readonly number[], deltas: readonly NamedDelta[]): Value {
    const ref = this.#tensor(path, shape)
    if (deltas.length === 0) return inFloat32(this.graph, stored(this.graph, path, ref, shape))
    const [out = 1, ...rest] = shape
    const base = inFloat32(this.graph, stored(this.graph, path, ref, [out, count(rest)]))
    const sum = deltas.reduce((weight, delta) => this.#addDelta(weight, delta), base)
    return this.graph.reshape(sum, shape)
  }

  /** `weight + scale * up @ down` on matrices. */
  #addDelta(weight: Value, delta: NamedDelta): Value {
    const { up, down } = halves(this.graph, delta, weight.shape.map(Number))
    if (delta.live === undefined) return this.graph.add('Gemm', [up, down, weight], { alpha: delta.scale, transB: 0 })
    const difference = this.graph.add('MatMul', [up, down], {})
    const scaled = this.graph.add('Mul', [difference, this.#strength(delta.live, delta.scale)], {})
    return this.graph.add('Add', [weight, scaled], {})
  }

  #strength(input: string, scale: number): Value {
    const known = this.graph.inputs.find(({ name }) => name === input)
    const strength = known ?? this.graph.input(input, 'float32', [])
    return this.graph.add('Mul', [strength, this.graph.scalar(scale)], {})
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

/** Several differences as one whose rank is the sum of theirs: a layer has two products more, however many adapters there are. */
function sideBySide(graph: Graph, deltas: readonly LiveDelta[]): LiveDelta | undefined {
  if (deltas.length <= 1) return deltas[0]
  const perChannel = ({ strength, down }: LiveDelta) => {
    const [rank = 1, , ...kernel] = down.shape.map(Number)
    return graph.add('Expand', [strength, graph.integers([rank, ...kernel.map(() => 1)])], {})
  }
  const joined = (part: (delta: LiveDelta) => Value, axis: number) => graph.add('Concat', deltas.map(part), { axis })
  return { down: joined(({ down }) => down, 0), up: joined(({ up }) => up, 1), strength: joined(perChannel, 0) }
}

/** The two factors of a difference, shaped as layers for a weight `(out, ...rest)`: `(rank, ...rest)`, then `(out, rank, 1, ...)`. */
function halves(
  graph: Graph,
  { name, up, down }: NamedDelta,
  [out = 1, inner = 1, ...kernel]: readonly number[],
): Pick<LiveDelta, 'up' | 'down'> {
  const rank = count(up.shape) / out
  if (count(down.shape) !== rank * inner * count(kernel) || up.shape[0] !== out) {
    throw new LoomError(
      'mismatch',
      `The adapter's ${up.name} [${up.shape}] and ${down.name} [${down.shape}] do not fit ${name} [${[out, inner, ...kernel]}].`,
      { hint: 'The adapter was made for another model.' },
    )
  }
  const pointwise = kernel.map(() => 1)
  return {
    up: inFloat32(graph, stored(graph, `${name}.up`, up, [out, rank, ...pointwise])),
    down: inFloat32(graph, stored(graph, `${name}.down`, down, [rank, inner, ...kernel])),
  }
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
