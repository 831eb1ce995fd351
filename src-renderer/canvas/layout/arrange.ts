import { own } from '#core/workflow/document.ts'
import { applyLayout } from '../../commands/arrange.ts'
import { setFrameBox } from '../../commands/frames.ts'
import { commitTo } from '../../store/context.ts'
import { graphAt, type ItemKey, itemOf } from '../../store/graph.ts'
import { signatureIn } from '../../store/signatures.ts'
import { levelOf } from '../../store/view-store.ts'
import type { Tab } from '../../store/workspace.ts'
import { itemSizes } from '../view/viewport.ts'
import { elkGraph, type LayoutSource, type Place, placesOf } from './elk-graph.ts'

/** Computes a layout from left to right. ELK is loaded on first use. */
async function layoutGraph(source: LayoutSource, only?: Iterable<ItemKey>): Promise<Map<ItemKey, Place>> {
  const { runElk } = await import('./elk.ts')
  return placesOf(await runElk(elkGraph(source, only)), source)
}

/** Arranges the selected items, or all if fewer than two are selected, as one undo step. */
export async function arrangeAutomatically(tab: Tab): Promise<void> {
  const before = tab.document.getState()
  const { workflow } = before
  const level = levelOf(tab.view.getState())
  const graph = graphAt(workflow, level)
  if (!graph) return
  const sizes = itemSizes()
  const signature = (id: string) => {
    const node = own(graph.nodes, id)
    return node && signatureIn(workflow, node)
  }
  const { selection } = tab.view.getState()
  const holdsMany = selection.size > 1 || [...selection].some((key) => itemOf(key).kind === 'frame')
  const places = await layoutGraph({ graph, sizes, signature }, holdsMany ? selection : undefined)
  // drop the layout if the document was edited meanwhile. Compare states, not workflows: an undo can restore the same
  // workflow, but a commit would then clear the redo steps
  if (tab.document.getState() !== before || places.size === 0) return
  const frames = [...places].flatMap(
    ([
      key,
      {
        at: [x, y],
        size,
      },
    ]) => {
      const item = itemOf(key)
      if (item.kind !== 'frame' || size === undefined) return []
      return setFrameBox(workflow, level, item.index, { x, y, width: size[0], height: size[1] })
    },
  )
  const moves = applyLayout(workflow, level, new Map([...places].map(([key, { at }]) => [key, at])))
  commitTo(tab, {
    label: moves.label,
    apply: (edited) => {
      for (const command of [moves, ...frames]) command.apply(edited)
    },
  })
}
