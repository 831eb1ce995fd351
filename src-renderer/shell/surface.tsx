import { Breadcrumb } from '../canvas/breadcrumb.tsx'
import { Canvas } from '../canvas/canvas.tsx'
import { ContextMenu } from '../canvas/context-menu.tsx'
import { DropZone } from '../canvas/drop/drop-zone.tsx'
import { NodeSearch } from '../canvas/search/node-search.tsx'
import { SelectionBar } from '../canvas/selection-bar.tsx'

/** The canvas with what lies over it. */
export function Surface() {
  return (
    <DropZone>
      <Canvas />
      <Breadcrumb />
      <SelectionBar />
      <NodeSearch />
      <ContextMenu />
    </DropZone>
  )
}
