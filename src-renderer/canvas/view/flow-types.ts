import type { Edge, Node } from '@xyflow/react'
import type { Kind } from '#core/types/types.ts'
import type { WorkflowNode } from '#core/workflow/document.ts'
import type { LinkEnd, Point } from '../../store/graph.ts'
import type { NodeLayout } from './geometry.ts'

/** The props of a node's view. The object keeps its identity while nothing changes. */
export type NodeShape = {
  readonly title: string
  readonly type: string
  readonly category: string
  readonly description: string
  /** Whether this version knows the type. */
  readonly known: boolean
  readonly state: NonNullable<WorkflowNode['state']>
  readonly collapsed: boolean
  readonly layout: NodeLayout
}

type ListedShape = { readonly index: number }

export type LinkShape = {
  readonly kind: Kind
  readonly end: LinkEnd
  readonly via: readonly Point[]
}

export type NodeItem = Node<NodeShape, 'node'>
export type FrameItem = Node<ListedShape, 'frame'>
export type NoteItem = Node<ListedShape, 'note'>

/** The items that React Flow draws: nodes, frames and notes, by `ItemKey`. */
export type FlowItem = NodeItem | FrameItem | NoteItem

export type FlowLink = Edge<LinkShape, 'link'>
