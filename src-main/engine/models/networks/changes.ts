import { LoomError } from '#core/errors.ts'
import type { Graph } from '../../onnx/graph.ts'
import type { Value } from '../../onnx/ir.ts'
import type { ChangeKind, ChangeOf, Product, TensorRef, WeightChange, WeightDelta } from '../weights.ts'
import { rotated, rotationBlocks } from './rotation.ts'
import { count, stored } from './stored.ts'

/** The weight and graph for which a change is built. */
export interface ChangePlace {
  readonly graph: Graph
  /** Prefix for the names of values. */
  readonly name: string
  /** The checkpoint's weight, `(out, rest)`, in float32. */
  readonly weight: Value
  /** Shape in the network: `(out, in, kh, kw)`. */
  readonly shape: readonly number[]
  readonly rows: WeightDelta['rows']
}

/** A change as a low-rank product, `(out, rank)` and `(rank, rest)`, without its scale. */
export interface Factors {
  readonly left: Value
  readonly right: Value
}

type Table<Result> = { readonly [K in ChangeKind]: (at: ChangePlace, change: ChangeOf<K>) => Result }

/** Kinds whose change is a product. A layer can add it to its output, and one `Gemm` adds it to a weight. */
const products: Partial<Table<Factors | undefined>> = {
  lora,
  loha(at, { products: [first, second] }) {
    const [a, b] = [factorsOf(at, 'w1', first), factorsOf(at, 'w2', second)]
    // (A B) o (C D) is a product whose rank is the product of both; above the weight's own rank it saves nothing
    if (Number(a.left.shape[1]) * Number(b.left.shape[1]) > Math.min(...at.weight.shape.map(Number))) return undefined
    return {
      left: rowsOf(at, rankPairs(at.graph, a.left, b.left, 1)),
      right: rankPairs(at.graph, a.right, b.right, 0),
    }
  },
  glora,
}

/** Changes as matrices of the weight's size, without scale. */
const differences: Table<Value> = {
  lora: (at, change) => multiplied(at, lora(at, change)),
  loha(at, { products: [first, second] }) {
    const matrices = [matrixOf(at, 'w1', first), matrixOf(at, 'w2', second)] as const
    return rowsOf(at, at.graph.add('Mul', matrices, {}))
  },
  lokr(at, { factors: [first, second] }) {
    return rowsOf(at, kronecker(at.graph, matrixOf(at, 'w1', first), matrixOf(at, 'w2', second)))
  },
  glora: (at, change) => multiplied(at, glora(at, change)),
  dora: (at, change) => at.graph.add('Sub', [doraWeight(at, change, 1), at.weight], {}),
  gain(at, { gains, axis, neutral }) {
    const stored = matrixOf(at, 'gains', { ...gains, shape: [count(gains.shape)] })
    const factors = neutral === 0 ? stored : at.graph.add('Sub', [stored, at.graph.scalar(neutral)], {})
    return perChannel(at, axis, (weight, shape) => {
      const own = axis === 'out' ? rowsOf(at, factors) : factors
      return at.graph.add('Mul', [weight, at.graph.reshape(own, shape)], {})
    })
  },
  rotation: (at, change) => at.graph.add('Sub', [rotatedWeight(at, change), at.weight], {}),
  difference: (at, { tensor }) => rowsOf(at, matrixOf(at, 'difference', tensor)),
  replacement(at, { tensor }) {
    return at.graph.add('Sub', [rowsOf(at, matrixOf(at, 'replacement', tensor)), at.weight], {})
  },
}

/**
 * The factors of a change, if it is a product.
 * @throws LoomError `mismatch` if they do not fit the weight's shape
 */
export function changeFactors(at: ChangePlace, change: WeightChange): Factors | undefined {
  const factors = build(products, at, change)
  const [out, rest] = at.weight.shape
  if (factors && (factors.left.shape[0] !== out || factors.right.shape[1] !== rest)) {
    unfit(at, change, [factors.left, factors.right])
  }
  return factors
}

/** `sum + factor * change` for matrices. A product is added without an intermediate matrix, to save memory. */
export function addChange(at: ChangePlace, sum: Value, change: WeightChange, factor: number | Value): Value {
  const { graph } = at
  if (typeof factor !== 'number') {
    const scale = graph.add('Mul', [factor, graph.scalar(change.scale)], {})
    return graph.add('Add', [sum, graph.add('Mul', [differenceOf(at, change), scale], {})], {})
  }
  const alpha = factor * change.scale
  if (change.kind === 'dora') return addDora(at, sum, change, alpha)
  const factors = changeFactors(at, change)
  if (factors) return graph.add('Gemm', [factors.left, factors.right, sum], { alpha, transB: 0 })
  const difference = differenceOf(at, change)
  return graph.add('Add', [sum, alpha === 1 ? difference : graph.add('Mul', [difference, graph.scalar(alpha)], {})], {})
}

function differenceOf(at: ChangePlace, change: WeightChange): Value {
  const difference = build(differences, at, change)
  if (difference && String(difference.shape) === String(at.weight.shape)) return difference
  return unfit(at, change, difference ? [difference] : [])
}

function build<K extends ChangeKind, Result>(
  table: Partial<Table<Result>>,
  at: ChangePlace,
  change: ChangeOf<K>,
): Result | undefined {
  return table[change.kind]?.(at, change)
}

function lora(at: ChangePlace, { product }: ChangeOf<'lora'>): Factors {
  const { left, right } = factorsOf(at, 'product', product)
  return { left: rowsOf(at, left), right }
}

/** `W L R + L' R' = [W L, L'] [R; R']` */
function glora(at: ChangePlace, { onWeight, beside }: ChangeOf<'glora'>): Factors {
  const a = perInput(at, factorsOf(at, 'a', onWeight))
  const b = factorsOf(at, 'b', beside)
  const onInputs = at.graph.add('MatMul', [at.weight, a.left], {})
  return {
    left: at.graph.add('Concat', [onInputs, rowsOf(at, b.left)], { axis: 1 }),
    right: at.graph.add('Concat', [a.right, b.right], { axis: 0 }),
  }
}

/** `addChange` for DoRA with few matrices. At strength 1 on the checkpoint's own weight, its result is the sum. */
function addDora(at: ChangePlace, sum: Value, change: ChangeOf<'dora'>, alpha: number): Value {
  const { graph, weight } = at
  const result = doraWeight(at, change, alpha)
  const left = sum === weight ? 1 - alpha : -alpha
  if (left === 0) return result
  const moved = graph.add('Add', [result, graph.add('Mul', [weight, graph.scalar(left)], {})], {})
  return sum === weight ? moved : graph.add('Add', [sum, moved], {})
}

/** `alpha * magnitude * V / |V or W|` */
function doraWeight(at: ChangePlace, change: ChangeOf<'dora'>, alpha: number): Value {
  const { direction, magnitude, axis, lengthsOf } = change
  const { graph, weight } = at
  const turned = addChange(at, weight, direction, 1)
  return perChannel({ ...at, weight: turned }, axis, (grouped) => {
    const measured = lengthsOf === 'sum' ? grouped : weight
    const squares = graph.add('ReduceSumSquare', [measured, graph.integers(axis === 'out' ? [1] : [0, 2])], {})
    const lengths = graph.add('Add', [graph.add('Sqrt', [squares], {}), graph.scalar(2 ** -23)], {})
    const wanted = matrixOf(at, 'magnitude', { ...magnitude, shape: [count(magnitude.shape)] })
    const own = graph.reshape(axis === 'out' ? rowsOf(at, wanted) : wanted, lengths.shape)
    const scaled = alpha === 1 ? own : graph.add('Mul', [own, graph.scalar(alpha)], {})
    return graph.add('Mul', [grouped, graph.add('Div', [scaled, lengths], {})], {})
  })
}

/**
 * Changes a weight by numbers for its rows (outputs) or columns (inputs). The elements of a convolution's column are not
 * contiguous, so `change` gets `(out, in, kernel)` for those, and the shape of the numbers.
 */
function perChannel(
  { graph, weight, shape: [out = 1, inner = 1, ...kernel] }: ChangePlace,
  axis: 'out' | 'in',
  change: (weight: Value, shape: readonly number[]) => Value,
): Value {
  if (axis === 'out') return change(weight, [out, 1])
  const changed = change(graph.reshape(weight, [out, inner, count(kernel)]), [1, inner, 1])
  return graph.reshape(changed, weight.shape)
}

/** `gains * R W` or `gains * W Rᵀ` */
function rotatedWeight(at: ChangePlace, change: ChangeOf<'rotation'>): Value {
  const { graph, name, weight, rows } = at
  const [layout, ofRows] = [rotationBlocks(change.blocks.shape), change.axis === 'out']
  const turned = ofRows ? weight : graph.add('Transpose', [weight], { perm: [1, 0] })
  if (ofRows && rows) {
    throw new LoomError('unsupported', `The adapter rotates ${name} together with the layers beside it.`, {
      hint: 'Take a version of the adapter that names these layers one by one.',
    })
  }
  if (!layout || Number(turned.shape[0]) % layout.size !== 0) return unfit(at, change, [turned])
  const result = rotated(graph, name, turned, change, layout)
  const back = ofRows ? result : graph.add('Transpose', [result], { perm: [1, 0] })
  if (!change.gains) return back
  const gains = rowsOf(at, matrixOf(at, 'gains', { ...change.gains, shape: [count(change.gains.shape), 1] }))
  return graph.add('Mul', [back, gains], {})
}

function factorsOf({ graph, name }: ChangePlace, part: string, product: Product): Factors {
  const { left, right, core, diagonal, turned } = product
  const [rows = 1, ...columns] = left.shape
  const [rank = 1, ...rest] = right.shape
  const a = stored(graph, `${name}.${part}.left`, left, [rows, count(columns)])
  const b = stored(graph, `${name}.${part}.right`, right, [rank, count(rest)])
  const valued = diagonal
    ? graph.add('Mul', [b, stored(graph, `${name}.${part}.diagonal`, diagonal, [rank, 1])], {})
    : b
  return {
    left: turned ? graph.add('Transpose', [a], { perm: [1, 0] }) : a,
    right: core ? throughCore(graph, stored(graph, `${name}.${part}.core`, core), valued) : valued,
  }
}

/** `(r, q, kh, kw)` and `(q, in)` to `(r, in * kh * kw)`. */
function throughCore(graph: Graph, core: Value, right: Value): Value {
  const [rank = 1, inner = 1, ...kernel] = core.shape.map(Number)
  const flat = graph.reshape(core, [rank, inner, count(kernel)])
  const joined = graph.add('Einsum', [right, flat], { equation: 'qi,rqk->rik' })
  return graph.reshape(joined, [rank, Number(right.shape[1]) * count(kernel)])
}

/** A tensor of the file, or a product in its place, as `(first axis, rest)`. */
function matrixOf(at: ChangePlace, part: string, of: TensorRef | Product): Value {
  if ('left' in of) return multiplied(at, factorsOf(at, part, of))
  const [rows = 1, ...rest] = of.shape
  return stored(at.graph, `${at.name}.${part}`, of, [rows, count(rest)])
}

function multiplied({ graph }: ChangePlace, { left, right }: Factors): Value {
  return graph.add('MatMul', [left, right], {})
}

/** `(a, b)` and `(c, d)` to `(a c, b d)`. */
function kronecker(graph: Graph, first: Value, second: Value): Value {
  const [a = 1, b = 1] = first.shape.map(Number)
  const [c = 1, d = 1] = second.shape.map(Number)
  const pairs = graph.add('Mul', [graph.reshape(first, [a, 1, b, 1]), graph.reshape(second, [1, c, 1, d])], {})
  return graph.reshape(pairs, [a * c, b * d])
}

/** Products of all pairs of rank channels along `axis`: `(out, r)` and `(out, s)` to `(out, r s)`. */
function rankPairs(graph: Graph, first: Value, second: Value, axis: 0 | 1): Value {
  const [r, s, size] = [first.shape[axis], second.shape[axis], first.shape[1 - axis]].map(Number)
  const [one, other, all] =
    axis === 1
      ? [
          [size, r, 1],
          [size, 1, s],
          [size, -1],
        ]
      : [
          [r, 1, size],
          [1, s, size],
          [-1, size],
        ]
  const shaped = (x: Value, shape: readonly (number | undefined)[]) =>
    graph.reshape(
      x,
      shape.map((each) => each ?? 1),
    )
  return shaped(graph.add('Mul', [shaped(first, one), shaped(second, other)], {}), all)
}

/** Repeats GLoRA's product on the inputs of a convolution for every position of the kernel. */
function perInput({ graph, shape: [, inner = 1, ...kernel] }: ChangePlace, factors: Factors): Factors {
  if (kernel.length === 0 || factors.left.shape[0] !== inner) return factors
  const places = count(kernel)
  const identity = Float32Array.from({ length: places ** 2 }, (_, index) => (index % (places + 1) === 0 ? 1 : 0))
  const same = graph.constant(identity, [places, places])
  return { left: kronecker(graph, factors.left, same), right: kronecker(graph, factors.right, same) }
}

/** The rows of a change for this weight. */
function rowsOf({ graph, rows }: ChangePlace, x: Value): Value {
  if (!rows) return x
  const [start, end] = rows
  return graph.add('Slice', [x, graph.integers([start]), graph.integers([end]), graph.integers([0])], {})
}

function unfit({ name, shape }: ChangePlace, { kind }: WeightChange, values: readonly Value[]): never {
  const shapes = values.map((value) => `[${value.shape}]`).join(' and ')
  throw new LoomError('mismatch', `The adapter's ${kind} ${shapes} does not fit ${name} [${shape}].`, {
    hint: 'The adapter was made for another model.',
  })
}
