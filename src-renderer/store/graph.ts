import { isLink, type Link, own, type Workflow, type WorkflowNode } from '#core/workflow/document.ts'

/** The graph of a canvas: the workflow itself or a subgraph. */
export type Graph = Pick<Workflow, 'nodes' | 'frames' | 'notes'>

/** Id of a subgraph; undefined for the workflow itself. */
export type Level = string | undefined

/** The graph of a level; undefined if the subgraph is gone. */
export function graphAt(workflow: Workflow, level: Level): Graph | undefined {
  return level === undefined ? workflow : own(workflow.subgraphs ?? {}, level)
}

/** A node of a level; undefined if it does not exist. */
export const nodeAt = (workflow: Workflow, level: Level, id: string): WorkflowNode | undefined =>
  own(graphAt(workflow, level)?.nodes ?? {}, id)

/** The workflow itself and every subgraph. */
export function* graphsOf(workflow: Workflow): Generator<readonly [Level, Graph]> {
  yield [undefined, workflow]
  yield* Object.entries(workflow.subgraphs ?? {})
}

/** An input. It also identifies the link that ends in it. */
export interface LinkEnd {
  readonly node: string
  readonly input: string
}

/** All links of a graph with their ends. */
export function* linksIn({ nodes }: Graph): Generator<readonly [LinkEnd, Link]> {
  for (const [node, { inputs }] of Object.entries(nodes)) {
    for (const [input, value] of Object.entries(inputs)) if (isLink(value)) yield [{ node, input }, value]
  }
}

/**
 * Key of a selectable item: the id of a node, or the index of a frame or note with a prefix. Ids have no colon, so keys
 * are unique.
 */
export type ItemKey = string
export const frameKey = (index: number): ItemKey => `frame:${index}`
export const noteKey = (index: number): ItemKey => `note:${index}`

/** The type and id or index of a key. */
export function itemOf(
  key: ItemKey,
): { readonly kind: 'node'; readonly id: string } | { readonly kind: 'frame' | 'note'; readonly index: number } {
  const [kind, index] = key.split(':')
  if ((kind === 'frame' || kind === 'note') && index !== undefined) return { kind, index: Number(index) }
  return { kind: 'node', id: key }
}

/** The node, frame or note of a key; undefined if it does not exist. */
export function itemIn(graph: Graph | undefined, key: ItemKey) {
  const item = itemOf(key)
  return item.kind === 'node' ? own(graph?.nodes ?? {}, item.id) : graph?.[`${item.kind}s`]?.[item.index]
}

/** A position on the canvas. */
export type Point = readonly [x: number, y: number]

export interface Size {
  readonly width: number
  readonly height: number
}

/** Drawn sizes, which are not in the document. */
export type Sizes = ReadonlyMap<ItemKey, Size>
