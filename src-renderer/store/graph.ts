import { isLink, type Link, own, type Workflow, type WorkflowNode } from '#core/workflow/document.ts'

/** What one canvas shows: the workflow itself, or one of its subgraphs. */
export type Graph = Pick<Workflow, 'nodes' | 'frames' | 'notes'>

/** Id of the subgraph that a canvas shows; undefined for the workflow itself. */
export type Level = string | undefined

/** The graph of a level; undefined if the subgraph is gone. */
export function graphAt(workflow: Workflow, level: Level): Graph | undefined {
  return level === undefined ? workflow : own(workflow.subgraphs ?? {}, level)
}

/** A node of a level; undefined if it is not there. */
export const nodeAt = (workflow: Workflow, level: Level, id: string): WorkflowNode | undefined =>
  own(graphAt(workflow, level)?.nodes ?? {}, id)

/** The workflow itself and every subgraph. */
export function* graphsOf(workflow: Workflow): Generator<readonly [Level, Graph]> {
  yield [undefined, workflow]
  yield* Object.entries(workflow.subgraphs ?? {})
}

/** An input, and so the link that ends in it. */
export interface LinkEnd {
  readonly node: string
  readonly input: string
}

/** Every link of a graph by its end. */
export function* linksIn({ nodes }: Graph): Generator<readonly [LinkEnd, Link]> {
  for (const [node, { inputs }] of Object.entries(nodes)) {
    for (const [input, value] of Object.entries(inputs)) if (isLink(value)) yield [{ node, input }, value]
  }
}

/**
 * Keys of what can be selected on a canvas: a node has its id, frames and notes their place in their list. Ids hold no colon, so
 * the keys never meet.
 */
export type ItemKey = string
export const frameKey = (index: number): ItemKey => `frame:${index}`
export const noteKey = (index: number): ItemKey => `note:${index}`

/** What a key names. */
export function itemOf(
  key: ItemKey,
): { readonly kind: 'node'; readonly id: string } | { readonly kind: 'frame' | 'note'; readonly index: number } {
  const [kind, index] = key.split(':')
  if ((kind === 'frame' || kind === 'note') && index !== undefined) return { kind, index: Number(index) }
  return { kind: 'node', id: key }
}

/** The node, frame or note that a key names; undefined if it is not there. */
export function itemIn(graph: Graph | undefined, key: ItemKey) {
  const item = itemOf(key)
  return item.kind === 'node' ? own(graph?.nodes ?? {}, item.id) : graph?.[`${item.kind}s`]?.[item.index]
}

/** A place on the canvas. */
export type Point = readonly [x: number, y: number]

export interface Size {
  readonly width: number
  readonly height: number
}

/** Sizes as they are drawn, which no document knows. */
export type Sizes = ReadonlyMap<ItemKey, Size>
