import { Canvas } from '../canvas/canvas.tsx'
import { DropZone } from '../canvas/drop/drop-zone.tsx'
import { NodeSearch } from '../canvas/search/node-search.tsx'

/** The canvas with what lies over it. */
export function Surface() {
  return (
    <DropZone>
      <Canvas />
      <NodeSearch />
    </DropZone>
  )
}
