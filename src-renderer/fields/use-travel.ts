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
 * Undo and redo of the document inside a text field, by keys or the browser's menu. The browser's own undo does not
 * know other changes of the document.
 * @param takeBack discards typed text that is not in the document yet; returns whether there was any
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
