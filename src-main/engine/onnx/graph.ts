import { LoomError } from '#core/errors.ts'
import { type Dim, sameDim } from './dim.ts'
import { infer } from './infer.ts'
import type {
  Attributes,
  ConstantData,
  ElementType,
  ExternalTensor,
  Inputs,
  Node,
  NodeOf,
  Op,
  Origin,
  TensorType,
  Value,
} from './ir.ts'

export interface GraphOutput {
  readonly name: string
  readonly value: Value
}

/**
 * A network as a directed acyclic graph of tensor ops. Nodes are hash-consed: the same op on the same inputs with the
 * same attributes is one node, so common subexpressions never arise. Nodes lie in topological order.
 */
export class Graph {
  readonly inputs: Value[] = []
  readonly nodes: Node[] = []
  readonly outputs: GraphOutput[] = []
  readonly #interned = new Map<string, readonly Value[]>()
  readonly #counts = new Map<string, number>()

  input(name: string, dtype: ElementType, shape: readonly Dim[]): Value {
    const value: Value = { name, dtype, shape, origin: { kind: 'input' } }
    this.inputs.push(value)
    return value
  }

  output(name: string, value: Value): void {
    this.outputs.push({ name, value })
  }

  /** An initializer whose bytes stay in their file. */
  weight(name: string, dtype: ElementType, shape: readonly number[], external: ExternalTensor): Value {
    return this.#leaf(`weight ${name}`, name, { dtype, shape }, { kind: 'weight', external })
  }

  /** An initializer inside the model; an int64 vector also serves as sizes. */
  constant(data: ConstantData, shape: readonly number[] = [data.length]): Value {
    const dtype = data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'int64'
    const sizes = data instanceof BigInt64Array && shape.length === 1 ? Array.from(data, Number) : undefined
    const key = `constant ${dtype} ${shape} ${data}`
    return this.#leaf(key, this.#freshName('constant'), { dtype, shape, sizes }, { kind: 'constant', data })
  }

  scalar(value: number): Value {
    return this.constant(Float32Array.of(value), [])
  }

  /** Integers as an int64 vector: axes, sizes, bounds. */
  integers(values: readonly number[]): Value {
    return this.constant(BigInt64Array.from(values, BigInt))
  }

  /** The only output of an op. */
  add<O extends Op>(op: O, inputs: Inputs<O>, attributes: Attributes<O>): Value {
    const [value, ...more] = this.addAll(op, inputs, attributes)
    if (!value || more.length > 0) throw new LoomError('internal', `${op} has ${more.length + 1} outputs, not one.`)
    return value
  }

  /** All outputs of an op. Throws `internal` when the inputs do not fit the op. */
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
   * Reshapes to sizes that may be symbolic. Where more than one axis changes symbolically, their sizes are read at
   * run time from the axes of `like` that have them.
   */
  reshape(x: Value, target: readonly Dim[], like: Value = x): Value {
    const kept = (size: Dim, axis: number) => {
      const old = x.shape[axis]
      return typeof size !== 'number' && old !== undefined && sameDim(size, old)
    }
    const moved = target.filter((size, axis) => typeof size !== 'number' && !kept(size, axis))
    if (moved.length > 1) return this.add('Reshape', [x, this.sizes(target, like)], {})
    const sizes = target.map((size, axis) => (typeof size === 'number' ? size : kept(size, axis) ? 0 : -1))
    return this.add('Reshape', [x, this.integers(sizes)], {})
  }

  /** An int64 vector of sizes; symbolic ones are read at run time from the axes of `like` that have them. */
  sizes(target: readonly Dim[], like: Value): Value {
    if (target.length === like.shape.length && target.every((size, axis) => sameDim(size, like.shape[axis] ?? -1))) {
      return this.add('Shape', [like], { start: 0, end: target.length })
    }
    const parts = target.map((size) => {
      if (typeof size === 'number') return this.integers([size])
      const axis = like.shape.findIndex((other) => sameDim(other, size))
      if (axis < 0) throw new LoomError('internal', `No axis of [${like.shape.join(', ')}] has the size ${size}.`)
      return this.add('Shape', [like], { start: axis, end: axis + 1 })
    })
    return this.add('Concat', parts, { axis: 0 })
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
