import {
  type Connection,
  type EdgeChange,
  type EdgeMouseHandler,
  type NodeChange,
  type OnConnectEnd,
  type OnConnectStart,
  type OnMove,
  type OnNodeDrag,
  type OnReconnect,
  type SelectionDragHandler,
  useStore,
  useStoreApi,
} from '@xyflow/react'
import { useCallback, useEffect, useMemo, useRef } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { connect, disconnect, moveLink } from '../../commands/links.ts'
import { commitTo, useLevel, useTab } from '../../store/context.ts'
import type { LinkEnd } from '../../store/graph.ts'
import type { PortRef } from '../../store/ui.ts'
import { beginConnection, endConnection } from '../links/connection-store.ts'
import { addPointAt } from '../links/link-geometry.ts'
import type { FlowItem, FlowLink } from '../view/flow-types.ts'
import { detailZoom } from '../view/level-of-detail.ts'
import { flowPointOf } from '../view/viewport.ts'
import { dropConnection } from './connection-drop.ts'
import { ignoreRelease } from './ignore-release.ts'
import { useItems, useLinks } from './use-items.ts'

/**
 * The adapter between the document and React Flow. Only this file passes items to React Flow, turns its events into
 * commands and reads its store.
 */

/** React Flow's props that depend on the document. */
export function useFlow() {
  const items = useItems()
  const { edges, plainLinks } = useLinks(useNear())
  const selecting = useSelecting()
  const { nodes, onStart, onMoved, onMeasured } = items
  return {
    nodes,
    edges,
    /** Links that are drawn as one picture at low zoom, because there are many. */
    plainLinks,
    onNodesChange: useCallback(
      (changes: NodeChange<FlowItem>[]) => {
        selecting(changes)
        onMoved(changes)
        onMeasured(changes)
      },
      [selecting, onMoved, onMeasured],
    ),
    onNodeDragStart: useCallback<OnNodeDrag<FlowItem>>(
      (event, _item, dragged) => onStart(dragged, event.altKey),
      [onStart],
    ),
    onSelectionDragStart: useCallback<SelectionDragHandler<FlowItem>>(
      (event, dragged) => onStart(dragged, event.altKey),
      [onStart],
    ),
    ...useConnecting(),
    ...useLinkPresses(),
    ...useViewportKept(),
  }
}

/** Copies React Flow's selection to the view store. */
function useSelecting() {
  const tab = useTab()
  return useCallback(
    (changes: readonly NodeChange<FlowItem>[]) => {
      const chosen = changes.filter((change) => change.type === 'select')
      if (chosen.length === 0) return
      const selection = new Set(tab.view.getState().selection)
      for (const { id, selected } of chosen) {
        if (selected) selection.add(id)
        else selection.delete(id)
      }
      tab.view.setState({ selection })
    },
    [tab],
  )
}

const endOf = ({ target, targetHandle }: { target: string; targetHandle?: string | null }): LinkEnd => ({
  node: target,
  input: targetHandle ?? '',
})

const portsOf = ({ source, sourceHandle, target, targetHandle }: Connection): readonly [PortRef, PortRef] => [
  { node: source, port: sourceHandle ?? '', side: 'output' },
  { node: target, port: targetHandle ?? '', side: 'input' },
]

/** Handlers for links that are drawn, moved at one end or dropped. */
function useConnecting() {
  const tab = useTab()
  const level = useLevel()
  const store = useStoreApi<FlowItem, FlowLink>()
  /** Whether the end of an existing link is dragged. */
  const reconnecting = useRef(false)
  /** Whether the drag is given up, so that its end does nothing. */
  const givenUp = useRef(false)
  return useMemo(() => {
    const now = () => tab.document.getState().workflow
    const onConnectStart: OnConnectStart = (_event, { nodeId, handleId, handleType }) => {
      givenUp.current = false
      if (nodeId && handleId) {
        beginConnection(tab, { node: nodeId, port: handleId, side: handleType === 'source' ? 'output' : 'input' })
      }
    }
    const onConnectEnd: OnConnectEnd = (event, { fromHandle, toHandle }) => {
      endConnection()
      if (toHandle || !fromHandle?.id || reconnecting.current || givenUp.current) return
      const side = fromHandle.type === 'source' ? 'output' : 'input'
      dropConnection(tab, { node: fromHandle.nodeId, port: fromHandle.id, side }, event)
    }
    const onReconnect: OnReconnect<FlowLink> = (edge, connection) => {
      if (givenUp.current) return
      const [output, input] = portsOf(connection)
      const sameTarget = input.node === edge.target && input.port === edge.targetHandle
      const moved = moveLink(now(), level, endOf(edge), { node: input.node, input: input.port })
      commitTo(tab, sameTarget ? connect(now(), level, output, input) : moved)
    }
    return {
      onConnect: (connection: Connection) => {
        if (!givenUp.current) commitTo(tab, connect(now(), level, ...portsOf(connection)))
      },
      onConnectStart,
      onConnectEnd,
      onClickConnectStart: onConnectStart,
      onClickConnectEnd: endConnection,
      onReconnect,
      onReconnectStart: () => {
        reconnecting.current = true
      },
      onReconnectEnd: (...[, edge, , state]: ReconnectEnd) => {
        reconnecting.current = false
        if (!state.toHandle && !givenUp.current) commitTo(tab, disconnect(now(), level, [endOf(edge)]))
      },
      /** Cancels a link without a second end. */
      cancelConnection: () => {
        if (store.getState().connection.inProgress) {
          givenUp.current = true
          // React Flow takes no other end of a drag than this one
          document.dispatchEvent(new MouseEvent('mouseup'))
          ignoreRelease()
        }
        store.setState({ connectionClickStartHandle: null })
        endConnection()
      },
    }
  }, [tab, level, store])
}

type ReconnectEnd = [event: unknown, edge: FlowLink, type: unknown, state: { readonly toHandle: object | null }]

/** Controls on a link handle their own clicks. */
const isControl = (target: EventTarget): boolean =>
  target instanceof Element && target.closest('button, [role="dialog"]') !== null

/** A click selects a link; a double click adds a point to it. */
function useLinkPresses() {
  const tab = useTab()
  const level = useLevel()
  return useMemo(() => {
    const select: EdgeMouseHandler<FlowLink> = ({ target }, edge) => {
      if (!isControl(target)) tab.view.setState({ link: endOf(edge), selection: new Set() })
    }
    const addPoint: EdgeMouseHandler<FlowLink> = ({ target, clientX, clientY }, { data }) => {
      if (data && !isControl(target)) addPointAt(tab, level, data.end, flowPointOf({ x: clientX, y: clientY }))
    }
    return {
      onEdgesChange: (_changes: EdgeChange<FlowLink>[]) => undefined,
      onEdgeClick: select,
      onEdgeDoubleClick: addPoint,
      onPaneClick: () => tab.view.setState({ link: undefined }),
    }
  }, [tab, level])
}

/** Restores the viewport of each level. */
function useViewportKept() {
  const tab = useTab()
  const level = useLevel()
  return useMemo(() => {
    const onMoveEnd: OnMove = (_event, viewport) => {
      const viewports = new Map(tab.view.getState().viewports).set(level, viewport)
      tab.view.setState({ viewports })
    }
    return { onMoveEnd }
  }, [tab, level])
}

/** Calls `see` with the visible part of the canvas, now and on every change. */
export function useSeenPart(see: (part: Seen) => void): void {
  const store = useStoreApi<FlowItem, FlowLink>()
  useEffect(() => {
    let before: Seen | undefined
    const look = () => {
      const { transform, width, height } = store.getState()
      const [x, y, zoom] = transform
      const part = { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom }
      if (
        before &&
        part.x === before.x &&
        part.y === before.y &&
        part.width === before.width &&
        part.height === before.height
      )
        return
      before = part
      see(part)
    }
    look()
    return store.subscribe(look)
  }, [store, see])
}

/** A part of the canvas. */
export interface Seen {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Whether the zoom is large enough to read. */
export const useNear = (): boolean => useStore(({ transform }) => transform[2] >= detailZoom)

/** The port under the end of the drawn link. */
export const useConnectionTarget = (): PortRef | undefined =>
  useStore(
    useShallow(({ connection }) => {
      const handle = connection.inProgress ? connection.toHandle : undefined
      if (!handle?.id) return undefined
      return { node: handle.nodeId, port: handle.id, side: handle.type === 'source' ? 'output' : 'input' } as const
    }),
  )
