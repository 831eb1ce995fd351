import '@xyflow/react/dist/base.css'
import { Background, BackgroundVariant, ReactFlow, ReactFlowProvider, SelectionMode } from '@xyflow/react'
import { type MouseEventHandler, type ReactNode, useEffect } from 'react'
import { useStore } from 'zustand'
import { gridSize } from '../../commands/grid.ts'
import { useLevel, useTab, useView } from '../../store/context.ts'
import { settings } from '../../store/settings.ts'
import { t } from '../../strings/t.ts'
import { FrameView } from '../frames/frame-view.tsx'
import { NoteView } from '../frames/note-view.tsx'
import { ConnectionLine } from '../links/connection-line.tsx'
import { CutLine, useCutTool } from '../links/cut-tool.tsx'
import { LinkView } from '../links/link-view.tsx'
import { PlainLinks } from '../links/plain-links.tsx'
import { NodeView } from '../nodes/node-view.tsx'
import { setNear } from '../view/level-of-detail.ts'
import styles from './canvas.module.css'
import { CanvasControls } from './canvas-controls.tsx'
import { CanvasKeys } from './canvas-keys.tsx'
import { ConnectionHint } from './connection-hint.tsx'
import { useFlow, useNear } from './flow-adapter.ts'
import { Minimap } from './minimap.tsx'
import { useCanvasGestures } from './use-canvas-gestures.ts'
import { useEscapedLink } from './use-escaped-link.ts'
import { useShownCanvas } from './use-shown-canvas.ts'
import { useWheelMoves } from './use-wheel-moves.ts'

const nodeTypes = { node: NodeView, frame: FrameView, note: NoteView }
const edgeTypes = { link: LinkView }
const snapGrid: [number, number] = [gridSize, gridSize]
const multiSelectionKeys = ['Shift', 'Control', 'Meta']

interface CanvasProps {
  readonly onContextMenu: MouseEventHandler
  /** Overlays that do not move with the canvas. */
  readonly children: ReactNode
}

/** The canvas of the current tab. */
export function Canvas(props: CanvasProps) {
  const { id } = useTab()
  const level = useLevel()
  return (
    <ReactFlowProvider key={`${id} ${level ?? ''}`}>
      <LevelCanvas {...props} />
    </ReactFlowProvider>
  )
}

function LevelCanvas({ onContextMenu, children }: CanvasProps) {
  const level = useLevel()
  const known = useView(({ viewports }) => viewports.get(level))
  const { cancelConnection, plainLinks, ...flow } = useFlow()
  const { snap, minimap } = useStore(settings)
  const { line, handlers } = useCutTool()
  const { moved, ...gestures } = useCanvasGestures()
  useEscapedLink(cancelConnection)
  const { canvas, onInit } = useShownCanvas(known === undefined)
  useWheelMoves(canvas)
  return (
    <ReactFlow
      ref={canvas}
      className={styles.canvas ?? ''}
      aria-label={t('canvas.view.label')}
      onContextMenu={onContextMenu}
      {...gestures}
      {...handlers}
      {...flow}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      connectionLineComponent={ConnectionLine}
      {...(known && { defaultViewport: known })}
      minZoom={0.03}
      maxZoom={3}
      snapToGrid={snap}
      snapGrid={snapGrid}
      zIndexMode="manual"
      selectionMode={SelectionMode.Partial}
      multiSelectionKeyCode={multiSelectionKeys}
      deleteKeyCode={null}
      zoomOnDoubleClick={false}
      edgesFocusable={false}
      // React Flow's own keys ignore modifiers
      disableKeyboardA11y
      onlyRenderVisibleElements
      connectionRadius={28}
      reconnectRadius={14}
      nodeDragThreshold={2}
      onInit={onInit}
      attributionPosition="top-right"
    >
      <Background variant={BackgroundVariant.Dots} gap={gridSize * 3} size={2} />
      <DetailWatch />
      <CanvasKeys moved={moved} />
      <ConnectionHint />
      {children}
      <CanvasControls />
      {plainLinks && <PlainLinks items={flow.nodes} links={plainLinks} />}
      {minimap && <Minimap items={flow.nodes} />}
      {line && <CutLine line={line} />}
    </ReactFlow>
  )
}

/** Reports to the nodes whether the zoom is large enough to read. */
function DetailWatch() {
  const near = useNear()
  useEffect(() => setNear(near), [near])
  return null
}
