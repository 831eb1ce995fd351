import { sameShape } from '../dim.ts'
import type { Graph } from '../graph.ts'
import { madeBy, type NodeOf, type Value } from '../ir.ts'
import type { Pass } from './rewrite.ts'

/** Removes ops that cancel each other or do nothing; lowering leaves some behind. */
export const peephole: Pass = {
  name: 'peephole',
  rules: { Transpose: transpose, Reshape: reshape, Cast: cast, Mul: multiply },
}

/** transpose(transpose(x, p), q) -> transpose(x, p[q]); identity transposition of x -> x */
function transpose(graph: Graph, { inputs: [x], attributes: { perm } }: NodeOf<'Transpose'>): Value | undefined {
  if (perm.every((axis, index) => axis === index)) return x
  const inner = madeBy(x, 'Transpose')
  if (!inner) return undefined
  const composed = perm.map((axis) => inner.attributes.perm[axis] ?? axis)
  const [source] = inner.inputs
  if (composed.every((axis, index) => axis === index)) return source
  return graph.add('Transpose', [source], { perm: composed })
}

/** reshape(reshape(x, a), b) -> reshape(x, b) if b copies no axis; reshape(x, shape of x) -> x */
function reshape(graph: Graph, { inputs: [x, shape], outputs: [result] }: NodeOf<'Reshape'>): Value | undefined {
  const inner = madeBy(x, 'Reshape')
  const source = inner && !shape.sizes?.includes(0) ? inner.inputs[0] : x
  if (result && sameShape(result.shape, source.shape)) return source
  return source === x ? undefined : graph.add('Reshape', [source, shape], {})
}

/** cast(x) to the type of x -> x */
function cast(_graph: Graph, { inputs: [x], attributes: { to } }: NodeOf<'Cast'>): Value | undefined {
  return x.dtype === to ? x : undefined
}

/** x * 1 -> x for a single 1 that changes no shape */
function multiply(_graph: Graph, { inputs: [x, factor] }: NodeOf<'Mul'>): Value | undefined {
  const { origin, shape } = factor
  if (origin.kind !== 'constant' || origin.data.length !== 1 || shape.length > x.shape.length) return undefined
  return Number(origin.data[0]) === 1 ? x : undefined
}
