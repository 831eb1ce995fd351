import { LoomError } from '#core/errors.ts'
import { Graph } from '../graph.ts'
import { type Node, type NodeOf, type Op, operands, type Value } from '../ir.ts'
import { verify } from '../verify.ts'

/** Lets a rule make a value stand for another from here on, for one that a fused op gives as well. */
export type Replace = (value: Value, by: Value) => void

/**
 * A rule per op. It builds the node's replacement into `graph`, one value for each output, or returns undefined to keep
 * the node. The node's inputs already belong to `graph`, so their producers are already rewritten.
 */
export type Rules = {
  readonly [O in Op]?: (graph: Graph, node: NodeOf<O>, replace: Replace) => Value | readonly Value[] | undefined
}

export interface Pass {
  readonly name: string
  readonly rules: Rules
  /** What stands for an output of the graph. */
  readonly output?: (graph: Graph, value: Value) => Value
}

export interface PassOptions {
  /** Check the graph after every pass. */
  readonly verify?: boolean
  /** Called with the graph after every pass. */
  readonly dump?: (pass: string, graph: Graph) => void
}

/** The graph after all passes, in order. The given graph does not change. */
export function runPasses(graph: Graph, passes: readonly Pass[], options: PassOptions = {}): Graph {
  return passes.reduce((current, pass) => {
    const next = rewrite(current, pass)
    if (options.verify) verify(next)
    options.dump?.(pass.name, next)
    return next
  }, graph)
}

/** Rebuilds the graph through the rules. The builder merges equal nodes; unused nodes are removed. */
function rewrite(old: Graph, { rules, output: asOutput = (_, value) => value }: Pass): Graph {
  const graph = new Graph()
  const values = new Map<Value, Value>()
  for (const input of old.inputs) values.set(input, graph.input(input.name, input.dtype, input.shape))
  const mapped = (value: Value): Value => {
    const known = values.get(value)
    if (known) return known
    const leaf = copyLeaf(graph, value)
    values.set(value, leaf)
    return leaf
  }
  const replace: Replace = (value, by) => {
    for (const [before, after] of values) if (after === value) values.set(before, by)
  }
  for (const node of old.nodes) {
    const inputs = operands(node).map((input) => input && mapped(input))
    const results = applyRule(graph, { ...node, inputs } as unknown as Node, rules, replace)
    node.outputs.forEach((output, index) => {
      const result = results[index]
      if (result) values.set(output, result)
    })
  }
  for (const { name, value } of old.outputs) graph.output(name, asOutput(graph, mapped(value)))
  graph.prune()
  return graph
}

function applyRule<O extends Op>(
  graph: Graph,
  node: NodeOf<O> | Node,
  rules: Rules,
  replace: Replace,
): readonly Value[] {
  const { op, inputs, attributes } = node as NodeOf<O>
  const rewritten = rules[op]?.(graph, node as NodeOf<O>, replace)
  if (!rewritten) return graph.addAll(op, inputs, attributes)
  return 'origin' in rewritten ? [rewritten] : rewritten
}

function copyLeaf(graph: Graph, { name, dtype, shape, origin }: Value): Value {
  const fixed = shape.map(Number)
  if (origin.kind === 'weight') return graph.weight(name, dtype, fixed, origin.external)
  if (origin.kind === 'constant') return graph.constant(origin.data, fixed)
  throw new LoomError('internal', `${name} is used before it is made.`)
}
