import { type InputValue, isLink, type Link, own, type Workflow } from '#core/workflow/document.ts'
import { instanceType } from '#core/workflow/subgraphs.ts'
import {
  type Graph,
  graphAt,
  graphsOf,
  type ItemKey,
  itemOf,
  type Level,
  type LinkEnd,
  linksIn,
  nodeAt,
} from '../store/graph.ts'

/** The new value of an input; undefined removes it. */
export type InputEdit = readonly [LinkEnd, InputValue | undefined]

/** Applies a change to a level, if the level exists. */
export const inGraph =
  (level: Level, change: (graph: Graph) => void) =>
  (workflow: Workflow): void => {
    const graph = graphAt(workflow, level)
    if (graph) change(graph)
  }

export function writeInput(graph: Graph, [{ node, input }, value]: InputEdit): void {
  const inputs = own(graph.nodes, node)?.inputs
  if (inputs === undefined) return
  if (value === undefined) delete inputs[input]
  else inputs[input] = value
}

/** The stored value of an input. */
export const valueAt = (workflow: Workflow, level: Level, { node, input }: LinkEnd): InputValue | undefined =>
  own(nodeAt(workflow, level, node)?.inputs ?? {}, input)

/** Item keys by type, without keys of missing items. */
export function sorted(graph: Graph | undefined, keys: Iterable<ItemKey>) {
  const items = { nodes: new Set<string>(), frames: new Set<number>(), notes: new Set<number>() }
  for (const key of keys) {
    const item = itemOf(key)
    if (item.kind === 'node') {
      if (graph && Object.hasOwn(graph.nodes, item.id)) items.nodes.add(item.id)
    } else if (graph?.[`${item.kind}s`]?.[item.index]) items[`${item.kind}s`].add(item.index)
  }
  return items
}

/** All instances of a subgraph, with their graphs. */
export function* instancesOf(workflow: Workflow, subgraph: string) {
  for (const [level, { nodes }] of graphsOf(workflow)) {
    for (const [id, node] of Object.entries(nodes)) {
      if (node.type === instanceType(subgraph)) yield { level, id, node }
    }
  }
}

/**
 * Changes the links of a level, including those to the outputs of its subgraph.
 * @param lead returns the replacement of a link, the link itself, or undefined to remove it. A link to an output has no
 *   end.
 */
export function redirect(
  workflow: Workflow,
  level: Level,
  lead: (link: Link, end?: LinkEnd) => InputValue | undefined,
) {
  const graph = graphAt(workflow, level)
  const edits: InputEdit[] = []
  for (const [end, link] of graph ? linksIn(graph) : []) {
    const value = lead(link, end)
    if (value !== link) edits.push([end, value])
  }
  const outputs = Object.entries(level === undefined ? {} : (own(workflow.subgraphs ?? {}, level)?.outputs ?? {}))
  const moved = outputs.flatMap(([name, { link }]) => {
    const value = lead({ link })
    return value !== undefined && isLink(value) ? [[name, value.link] as const] : []
  })
  const stay = new Set(moved.map(([name]) => name))
  const dropped = outputs.map(([name]) => name).filter((name) => !stay.has(name))
  return (draft: Workflow): void => {
    inGraph(level, (graph) => {
      for (const edit of edits) writeInput(graph, edit)
    })(draft)
    const subgraph = level === undefined ? undefined : own(draft.subgraphs ?? {}, level)
    for (const [name, [node, output]] of moved) {
      const port = subgraph?.outputs[name]
      if (port && (port.link[0] !== node || port.link[1] !== output)) port.link = [node, output]
    }
    for (const name of dropped) dropOutput(workflow, level, name)(draft)
  }
}

/** Removes an output of a subgraph and the links from it. */
export function dropOutput(workflow: Workflow, level: Level, output: string) {
  if (level === undefined) return (): void => undefined
  const edits: (readonly [Level, InputEdit])[] = []
  for (const { level: at, id } of instancesOf(workflow, level)) {
    const graph = graphAt(workflow, at)
    for (const [end, { link }] of graph ? linksIn(graph) : []) {
      if (link[0] === id && link[1] === output) edits.push([at, [end, undefined]])
    }
  }
  return (draft: Workflow): void => {
    for (const [at, edit] of edits) inGraph(at, (graph) => writeInput(graph, edit))(draft)
    const subgraph = own(draft.subgraphs ?? {}, level)
    if (subgraph) delete subgraph.outputs[output]
  }
}

/** Filters the fields of the form, which only has inputs of the top level. */
export function keepFields(draft: Workflow, level: Level, keep: (end: LinkEnd) => boolean): void {
  if (level !== undefined || draft.form === undefined) return
  const kept = draft.form.filter(({ input: [node, input] }) => keep({ node, input }))
  if (kept.length < draft.form.length) draft.form = kept
}
