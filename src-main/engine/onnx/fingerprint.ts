import { createHash } from 'node:crypto'
import { type Node, operands, type Value } from './ir.ts'

/**
 * A function that names a value by how it is computed: equal names are made by equal ops from equal bytes, whatever graph
 * they are in.
 * @param identities what changes when a file's bytes change, for each file that weights are in
 */
export function fingerprints(identities: ReadonlyMap<string, string>): (value: Value) => string {
  const known = new Map<Value, string>()
  const ofNode = (node: Node, value: Value) => {
    const inputs = operands(node).map((input) => input && fingerprintOf(input))
    return [node.op, node.attributes, inputs, node.outputs.indexOf(value)]
  }
  const ingredients = (value: Value): unknown => {
    const { origin, name } = value
    switch (origin.kind) {
      case 'node':
        return ofNode(origin.node, value)
      case 'weight': {
        const { file, offset, byteLength } = origin.external
        return [identities.get(file) ?? file, offset, byteLength]
      }
      case 'constant':
        return Buffer.from(origin.data.buffer, origin.data.byteOffset, origin.data.byteLength).toString('base64')
      case 'input':
        return name
    }
  }
  const fingerprintOf = (value: Value): string => {
    const before = known.get(value)
    if (before !== undefined) return before
    const text = JSON.stringify([value.dtype, value.shape.map(String), value.origin.kind, ingredients(value)])
    const fingerprint = createHash('sha256').update(text).digest('hex').slice(0, 32)
    known.set(value, fingerprint)
    return fingerprint
  }
  return fingerprintOf
}
