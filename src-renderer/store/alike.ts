import { type InputValue, isLink, isOuter, own, type Workflow, type WorkflowNode } from '#core/workflow/document.ts'

/**
 * Whether two versions of a document certainly have the same types and problems. Positions, frames, notes and points of
 * links do not matter. Fast because of structural sharing.
 */
export const meansTheSame = (a: Workflow, b: Workflow): boolean =>
  a === b ||
  (sameRecord(a.nodes, b.nodes, sameNode) &&
    sameRecord(
      a.subgraphs ?? {},
      b.subgraphs ?? {},
      (one, other) =>
        one.name === other.name &&
        one.inputs === other.inputs &&
        one.outputs === other.outputs &&
        sameRecord(one.nodes, other.nodes, sameNode),
    ))

/** Compares nodes. Titles matter, because problems contain them. */
const sameNode = (a: WorkflowNode, b: WorkflowNode): boolean =>
  a.type === b.type &&
  a.version === b.version &&
  a.state === b.state &&
  a.title === b.title &&
  sameRecord(a.inputs, b.inputs, sameValue)

function sameValue(a: InputValue, b: InputValue): boolean {
  if (isLink(a) && isLink(b)) return a.link[0] === b.link[0] && a.link[1] === b.link[1]
  return isOuter(a) && isOuter(b) && a.input === b.input
}

function sameRecord<T>(
  a: Readonly<Record<string, T>>,
  b: Readonly<Record<string, T>>,
  same: (one: T, other: T) => boolean,
): boolean {
  if (a === b) return true
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => {
    const one = own(a, name)
    const other = own(b, name)
    return one === other || (one !== undefined && other !== undefined && same(one, other))
  })
}

/** The new map with old objects for equal entries. The old map itself if nothing differs. */
export function keepEqual<V>(
  before: ReadonlyMap<string, V>,
  after: ReadonlyMap<string, V>,
  equal: (a: V, b: V) => boolean,
): ReadonlyMap<string, V> {
  let changed = before.size !== after.size
  const kept = new Map<string, V>()
  for (const [key, value] of after) {
    const old = before.get(key)
    const same = old !== undefined && equal(old, value)
    changed ||= !same
    kept.set(key, same ? old : value)
  }
  return changed ? kept : before
}

/** Whether two plain values or errors are equal. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Error && b instanceof Error && a.message !== b.message) return false
  const names = Object.keys(a)
  const others: ReadonlyMap<string, unknown> = new Map(Object.entries(b))
  return names.length === others.size && Object.entries(a).every(([name, value]) => isEqual(value, others.get(name)))
}
