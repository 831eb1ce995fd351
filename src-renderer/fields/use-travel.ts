import type { RefObject } from 'react'
import { useTab } from '../store/context.ts'
import { redoIn, undoIn } from '../store/history.ts'
import type { Tab } from '../store/workspace.ts'
import { chordOf } from '../ui/chord.ts'
import { useListener } from './use-listener.ts'

const travels: Readonly<Record<string, (tab: Tab) => unknown>> = {
  'mod+z': undoIn,
  'mod+shift+z': redoIn,
  'mod+y': redoIn,
  historyUndo: undoIn,
  historyRedo: redoIn,
}

/**
 * Undo and redo within an element where text is typed, by keys or by its menu: those of the document, as the browser knows nothing of
 * what else has changed.
 * @param takeBack takes back what is typed but not in the document yet; true if there was anything
 */
export function useTravel(
  element: RefObject<HTMLElement | null>,
  active = true,
  takeBack: () => boolean = () => false,
): void {
  const tab = useTab()
  const travel = (event: Event, way: string): void => {
    const go = travels[way]
    if (!go) return
    event.preventDefault()
    if (!takeBack()) go(tab)
  }
  useListener(element, 'keydown', active, (event) => travel(event, chordOf(event) ?? ''))
  useListener(element, 'beforeinput', active, (event) => travel(event, event.inputType))
}
