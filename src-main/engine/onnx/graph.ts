import { LoomError } from '#core/errors.ts'
import { type Dim, sameDim, sameShape } from './dim.ts'
import { infer } from './infer.ts'
import {
  type Attributes,
  type ConstantData,
  type ElementType,
  type ExternalTensor,
  type Inputs,
  madeBy,
  type Node,
  type NodeOf,
  type Op,
  type Origin,
  operands,
  type TensorType,
  type Value,
} from './ir.ts'

export interface GraphOutput {
  readonly name: string
  readonly value: Value
}

/**
 * A network as a directed acyclic graph of tensor ops. Nodes are hash-consed: equal ops on equal inputs with equal
 * attributes are one node, so there are no common subexpressions. Nodes are in topological order.
 */
export class Graph {
  readonly inputs: Value[] = []
  readonly nodes: Node[] = []
  readonly outputs: GraphOutput[] = []
  readonly #interned = new Map<string, readonly Value[]>()
  readonly #counts = new Map<string, number>()

  /** @param sizes the elements of an int64 vector of sizes, if known */
  input(name: string, dtype: ElementType, shape: readonly Dim[], sizes?: readonly Dim[]): Value {
    const value: Value = { name, dtype, shape, sizes, origin: { kind: 'input' } }
    this.inputs.push(value)
    return value
  }

  output(name: string, value: Value): void {
    this.outputs.push({ name, value })
  }

  /** Adds an initializer whose bytes stay in their file. */
  weight(name: string, dtype: ElementType, shape: readonly number[], external: ExternalTensor): Value {
    return this.#leaf(`weight ${name}`, name, { dtype, shape }, { kind: 'weight', external })
  }

  /** Adds an initializer inside the model. An int64 vector can also be used as sizes. */
  constant(data: ConstantData, shape: readonly number[] = [data.length]): Value {
    const dtype = data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'int64'
    const sizes = data instanceof BigInt64Array && shape.length <= 1 ? Array.from(data, Number) : undefined
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    const key = `constant ${dtype} ${shape} ${bytes.toString('latin1')}`
    return this.#leaf(key, this.#freshName('constant'), { dtype, shape, sizes }, { kind: 'constant', data })
  }

  scalar(value: number): Value {
    return this.constant(Float32Array.of(value), [])
  }

  /** Adds an int64 vector: axes, sizes or bounds. */
  integers(values: readonly number[]): Value {
    return this.constant(BigInt64Array.from(values, BigInt))
  }

  /** Adds an int64 scalar. */
  integer(value: number): Value {
    return this.constant(BigInt64Array.of(BigInt(value)), [])
  }

  /** A value as `to`. One that a cast widened is taken from before the cast. */
  cast(value: Value, to: ElementType): Value {
    if (value.dtype === to) return value
    const source = madeBy(value, 'Cast')?.inputs[0]
    return source?.dtype === to ? source : this.add('Cast', [value], { to })
  }

  /** Adds an op with one output, and returns the output. */
  add<O extends Op>(op: O, inputs: Inputs<O>, attributes: Attributes<O>): Value {
    const [value, ...more] = this.addAll(op, inputs, attributes)
    if (!value || more.length > 0) throw new LoomError('internal', `${op} has ${more.length + 1} outputs, not one.`)
    return value
  }

  /** Adds an op, and returns its outputs. Throws `internal` if the inputs do not fit the op. */
  addAll<O extends Op>(op: O, inputs: Inputs<O>, attributes: Attributes<O>): readonly Value[] {
    const key = `${op}(${inputs.map((input) => input?.name ?? '')}) ${JSON.stringify(attributes)}`
    const known = this.#interned.get(key)
    if (known) return known
    const outputs: Value[] = []
    const node: NodeOf<O> = { op, inputs, attributes, outputs }
    const origin: Origin = { kind: 'node', node: node as unknown as Node }
    for (const type of infer(op, inputs, attributes)) outputs.push({ name: this.#freshName(op), origin, ...type })
    this.nodes.push(origin.node)
    this.#interned.set(key, outputs)
    return outputs
  }

  /**
   * Reshapes to sizes that may be symbolic. ONNX copies a size from the same axis, or infers one axis; any other
   * symbolic size is read at run time from an axis of `like` that has it.
   */
  reshape(x: Value, target: readonly Dim[], ...like: readonly Value[]): Value {
    const fixed = target.map((size, axis) => {
      if (typeof size === 'number') return size
      return sameDim(size, x.shape[axis] ?? -1) ? 0 : undefined
    })
    const open = fixed.filter((size) => size === undefined).length
    if (open <= 1) return this.add('Reshape', [x, this.integers(fixed.map((size) => size ?? -1))], {})
    const whole = like.find(({ shape }) => sameShape(shape, target))
    if (whole) return this.add('Reshape', [x, this.sizesOf(whole, 0, target.length)], {})
    const parts = target.map((size, axis) => {
      const known = fixed[axis]
      return known === undefined ? (this.#measure(size, like) ?? this.integers([-1])) : this.integers([known])
    })
    return this.add('Reshape', [x, this.add('Concat', parts, { axis: 0 })], {})
  }

  /** The sizes of the axes from `start` to `end` (exclusive), as an int64 vector. */
  sizesOf(x: Value, start: number, end: number): Value {
    return this.add('Shape', [x], { start, end })
  }

  /** Removes the nodes that no output needs. */
  prune(): void {
    const live = new Set<Node>()
    const visit = (value: Value | undefined) => {
      if (value?.origin.kind === 'node') live.add(value.origin.node)
    }
    for (const { value } of this.outputs) visit(value)
    for (const node of this.nodes.toReversed()) if (live.has(node)) operands(node).forEach(visit)
    this.nodes.splice(0, this.nodes.length, ...this.nodes.filter((node) => live.has(node)))
  }

  #measure(size: Dim, like: readonly Value[]): Value | undefined {
    for (const value of like) {
      const axis = value.shape.findIndex((other) => sameDim(other, size))
      if (axis >= 0) return this.sizesOf(value, axis, axis + 1)
    }
    return undefined
  }

  #leaf(key: string, name: string, type: TensorType, origin: Origin): Value {
    const known = this.#interned.get(key)?.[0]
    if (known) return known
    const value: Value = { name, ...type, origin }
    this.#interned.set(key, [value])
    return value
  }

  #freshName(kind: string): string {
    const count = this.#counts.get(kind) ?? 0
    this.#counts.set(kind, count + 1)
    return `${kind}:${count}`
  }
}
