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

/** What an input holds from now on; undefined: nothing. */
export type InputEdit = readonly [LinkEnd, InputValue | undefined]

/** The change of one level; a level that is gone is left alone. */
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

/** What an input holds. */
export const valueAt = (workflow: Workflow, level: Level, { node, input }: LinkEnd): InputValue | undefined =>
  own(nodeAt(workflow, level, node)?.inputs ?? {}, input)

/** Items by what they are; keys of what is not there are left out. */
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

/** Every instance of a subgraph with the graph that it is in. */
export function* instancesOf(workflow: Workflow, subgraph: string) {
  for (const [level, { nodes }] of graphsOf(workflow)) {
    for (const [id, node] of Object.entries(nodes)) {
      if (node.type === instanceType(subgraph)) yield { level, id, node }
    }
  }
}

/**
 * Leads the links of a level elsewhere, the outputs of its subgraph included.
 * @param lead what takes the place of a link: itself if it stays, undefined if nothing does; a link to an output has no end
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

/** Takes an output away from a subgraph, with the links that lead from it. */
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

/** Keeps the fields of the form that `keep` says; the form names inputs of the workflow itself. */
export function keepFields(draft: Workflow, level: Level, keep: (end: LinkEnd) => boolean): void {
  if (level !== undefined || draft.form === undefined) return
  const kept = draft.form.filter(({ input: [node, input] }) => keep({ node, input }))
  if (kept.length < draft.form.length) draft.form = kept
}
