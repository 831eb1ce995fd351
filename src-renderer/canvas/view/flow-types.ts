import type { Edge, Node } from '@xyflow/react'
import type { Kind } from '#core/types/types.ts'
import type { WorkflowNode } from '#core/workflow/document.ts'
import type { LinkEnd, Point } from '../../store/graph.ts'
import type { NodeLayout } from './geometry.ts'

/** What the view of a node is told of it; the same object for as long as nothing of it changes. */
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

/** What React Flow draws: nodes, frames and notes, by their `ItemKey`. */
export type FlowItem = NodeItem | FrameItem | NoteItem

export type FlowLink = Edge<LinkShape, 'link'>
