import { LoomError } from '#core/errors.ts'
import type { Graph } from '../../onnx/graph.ts'
import type { ElementType, Value } from '../../onnx/ir.ts'
import type { NetworkWeights, TensorRef, WeightDelta } from '../weights.ts'
import { addChange, type ChangePlace, changeFactors, type Factors } from './changes.ts'
import { asStored, count, inFloat32, stored } from './stored.ts'

/** Dtypes of tables whose rows are gathered before they are converted. */
const gatherable: ReadonlySet<ElementType> = new Set(['float32', 'float16', 'bfloat16'])

/** A change that is added to a layer's output: `strength * up(down(x))`. */
export interface LiveDelta {
  readonly down: Value
  readonly up: Value
  /** Includes alpha / rank: a scalar, or one number for each channel between down and up. */
  readonly strength: Value
}

/** A delta and the place where it is built. */
interface PlacedDelta extends WeightDelta {
  readonly at: ChangePlace
}

/** A module in a network's tree of names. Adds its weights to the graph. */
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

  /** Whether there is such a tensor, in the file or added by an adapter. */
  has(name: string): boolean {
    const path = `${this.#path}.${name}`
    return this.#weights.tensors.has(path) || this.#weights.deltas.has(path)
  }

  /**
   * A weight in float32 with its adapters' changes, which are computed when the session starts. Trailing axes of size 1
   * do not matter. Throws `not-found`, `mismatch` or `unsupported` with the tensor.
   */
  weight(name: string, shape: readonly number[]): Value {
    const { base, deltas } = this.#parts(name, shape)
    return this.#sum(base, shape, deltas)
  }

  /**
   * The weight of a linear layer or a convolution and, separately, the sum of low-rank changes with a live strength. To
   * compute these in every run is much cheaper than a new weight.
   */
  layerWeight(name: string, shape: readonly number[]): { weight: Value; live: LiveDelta | undefined } {
    const { base, deltas } = this.#parts(name, shape)
    const live: LiveDelta[] = []
    const summed: PlacedDelta[] = []
    for (const delta of deltas) {
      const factor = this.#factor(delta.strength)
      const factors = typeof factor === 'number' ? undefined : changeFactors(delta.at, delta.change)
      if (factors && typeof factor !== 'number') {
        const strength = this.graph.add('Mul', [factor, this.graph.scalar(delta.change.scale)], {})
        live.push({ ...asLayers(this.graph, factors, shape), strength })
      } else summed.push(delta)
    }
    return { weight: this.#sum(base, shape, summed), live: sideBySide(this.graph, live) }
  }

  /** Rows of an embedding table, selected before conversion to float32, so that the table stays in its file. */
  rows(name: string, shape: readonly number[], indices: Value): Value {
    const path = `${this.#path}.${name}`
    const stored = asStored(this.graph, path, this.#tensor(path, shape), shape)
    // Gather supports no float8, and a table of other dtypes is rare
    const whole = this.#weights.deltas.has(path) || !gatherable.has(stored.dtype)
    const table = whole ? this.weight(name, shape) : stored
    return inFloat32(this.graph, this.graph.add('Gather', [table, indices], {}))
  }

  /** The checkpoint's weight and its deltas. The weight is a matrix if there are deltas. */
  #parts(name: string, shape: readonly number[]): { base: Value; deltas: readonly PlacedDelta[] } {
    const path = `${this.#path}.${name}`
    const deltas = this.#weights.deltas.get(path) ?? []
    const [out = 1, ...rest] = shape
    const flat = [out, count(rest)]
    const folds = deltas.some(({ strength }) => typeof strength === 'number')
    const base = this.#base(path, shape, folds ? flat : shape, deltas.length > 0)
    const placed = (delta: WeightDelta, index: number): PlacedDelta => {
      const weight = reshaped(this.graph, base, flat)
      return { ...delta, at: { graph: this.graph, name: `${path}.delta${index}`, weight, shape, rows: delta.rows } }
    }
    return { base, deltas: deltas.map(placed) }
  }

  /** @param mayBeAbsent whether adapters add to it, so that nothing in the file is zeros */
  #base(path: string, shape: readonly number[], as: readonly number[], mayBeAbsent: boolean): Value {
    if (!mayBeAbsent || this.#weights.tensors.has(path)) {
      return stored(this.graph, path, this.#tensor(path, shape), as)
    }
    return this.graph.constant(new Float32Array(count(shape)), as)
  }

  #sum(base: Value, shape: readonly number[], deltas: readonly PlacedDelta[]): Value {
    const [first] = deltas
    if (!first) return reshaped(this.graph, base, shape)
    const add = (sum: Value, delta: PlacedDelta) => addChange(delta.at, sum, delta.change, this.#factor(delta.strength))
    return reshaped(this.graph, deltas.reduce(add, first.at.weight), shape)
  }

  #factor(strength: WeightDelta['strength']): number | Value {
    if (typeof strength === 'number') return strength
    const known = this.graph.inputs.find(({ name }) => name === strength.input)
    return known ?? this.graph.input(strength.input, 'float32', [])
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

/** Joins changes to one whose rank is the sum of theirs. A layer then has only two additional products. */
function sideBySide(graph: Graph, deltas: readonly LiveDelta[]): LiveDelta | undefined {
  if (deltas.length <= 1) return deltas[0]
  const perChannel = ({ strength, down }: LiveDelta) => {
    const [rank = 1, , ...kernel] = down.shape.map(Number)
    return graph.add('Expand', [strength, graph.integers([rank, ...kernel.map(() => 1)])], {})
  }
  const joined = (part: (delta: LiveDelta) => Value, axis: number) => graph.add('Concat', deltas.map(part), { axis })
  return { down: joined(({ down }) => down, 0), up: joined(({ up }) => up, 1), strength: joined(perChannel, 0) }
}

/** A product as two layers for a weight `(out, ...rest)`: `(rank, ...rest)`, then `(out, rank, 1, ...)`. */
function asLayers(
  graph: Graph,
  { left, right }: Factors,
  [out = 1, ...rest]: readonly number[],
): Pick<LiveDelta, 'up' | 'down'> {
  const rank = Number(left.shape[1])
  const pointwise = rest.slice(1).map(() => 1)
  return {
    up: reshaped(graph, left, [out, rank, ...pointwise]),
    down: reshaped(graph, right, [rank, ...rest]),
  }
}

function reshaped(graph: Graph, x: Value, shape: readonly number[]): Value {
  return String(x.shape) === String(shape) ? x : graph.reshape(x, shape)
}

function withoutOnes(shape: readonly number[]): readonly number[] {
  const end = shape.findLastIndex((size) => size !== 1) + 1
  return shape.slice(0, Math.max(end, 1))
}
