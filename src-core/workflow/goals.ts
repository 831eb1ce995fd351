import { LoomError } from '#core/errors.ts'
import { sourcesOf, type TypedGraph, type TypedNode } from './analyse.ts'
import { idAndOwners } from './flat-id.ts'
import type { Bound } from './flatten.ts'

/** A node of the flat graph that a run must compute, and the outputs whose values are shown. */
interface Goal {
  readonly node: string
  readonly shown: readonly string[]
}

/**
 * The goals of a run: its targets, or every effect if there are none.
 * @param targets ids of the flat graph, of instances and of bypassed nodes; the last two resolve to the sources of
 *   their outputs
 * @throws LoomError `not-found` or `invalid`, with the node, for a target that does not exist or is muted
 */
export function goalsOf(graph: TypedGraph, targets?: readonly string[]): Goal[] {
  if (targets === undefined) return effectsOf(graph).map(effectGoal)
  const goals = new Map<string, readonly string[]>()
  for (const { node, shown } of targets.flatMap((id) => goalsAt(graph, id))) {
    goals.set(node, [...new Set([...(goals.get(node) ?? []), ...shown])])
  }
  return Array.from(goals, ([node, shown]) => ({ node, shown }))
}

/** Nodes with an effect beyond the run that are not muted. */
function effectsOf({ nodes }: TypedGraph): TypedNode[] {
  return [...nodes.values()].filter(({ type, silent }) => type?.effect && !silent)
}

const effectGoal = ({ flat }: TypedNode): Goal => ({ node: flat.id, shown: [] })

function goalsAt(graph: TypedGraph, id: string): Goal[] {
  const goals = graph.flat.nodes.has(id) ? [{ node: id, shown: outputsOf(graph, id) }] : goalsBehind(graph, id)
  const silent = goals.find(({ node }) => graph.nodes.get(node)?.silent)
  if (silent === undefined && goals.length > 0) return goals
  const why = silent ? 'is muted, or needs a node that is' : 'gives nothing and saves nothing'
  throw new LoomError('invalid', `${id} cannot be run: it ${why}.`, {
    node: id,
    hint: silent ? 'Turn on what is muted.' : 'Run another node.',
  })
}

/** The outputs of a node to show. None for an effect, which shows its result itself. */
function outputsOf({ nodes }: TypedGraph, id: string): string[] {
  const type = nodes.get(id)?.type
  return type === undefined || type.effect ? [] : Object.keys(type.outputs)
}

/** The goals for an instance or a bypassed node: the sources of its outputs, or the effects in it if it has none. */
function goalsBehind(graph: TypedGraph, id: string): Goal[] {
  const outlets = graph.flat.outlets().get(id)
  if (outlets === undefined) {
    throw new LoomError('not-found', `There is no node ${id} to run.`, { node: id, hint: 'Choose one that is there.' })
  }
  const linked = [...outlets.values()].filter((bound) => bound.kind === 'link')
  if (outlets.size > 0) return linked.map(outletGoal)
  return effectsOf(graph)
    .filter(({ flat }) => [...idAndOwners(flat.id)].includes(id))
    .map(effectGoal)
}

const outletGoal = ({ node, output }: Extract<Bound, { kind: 'link' }>): Goal => ({ node, shown: [output] })

/** The goals and all their dependencies. */
export function neededBy(goals: readonly Goal[], { nodes }: TypedGraph): Set<string> {
  const needed = new Set<string>()
  const waiting = goals.map(({ node }) => node)
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (needed.has(id)) continue
    needed.add(id)
    waiting.push(...sourcesOf(nodes.get(id)?.flat))
  }
  return needed
}
