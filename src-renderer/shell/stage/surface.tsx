import { DropZone } from '../../canvas/drop/drop-zone.tsx'
import { Canvas } from '../../canvas/flow/canvas.tsx'
import { NodeSearch } from '../../canvas/search/node-search.tsx'
import { Breadcrumb } from '../../canvas/subgraphs/breadcrumb.tsx'
import { ContextMenu } from './context-menu.tsx'
import { EmptyHint } from './empty-hint.tsx'
import { SelectionBar } from './selection-bar.tsx'
import { useContextMenu } from './use-context-menu.ts'

/** The canvas with its overlays. */
export function Surface() {
  return (
    <DropZone>
      <Canvas onContextMenu={useContextMenu()}>
        <EmptyHint />
      </Canvas>
      <Breadcrumb />
      <SelectionBar />
      <NodeSearch />
      <ContextMenu />
    </DropZone>
  )
}
