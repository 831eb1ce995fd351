import { desktop } from '../api/desktop.ts'
import { settings } from '../store/settings.ts'
import { ui } from '../store/ui.ts'
import { activeTab } from '../store/workspace.ts'
import { type Chord, chordOf } from '../ui/chord.ts'
import type { Action } from './action.ts'
import { perform } from './perform.ts'
import { actions } from './registry.ts'

/** The chords of an action: those in the settings, or else its defaults. */
export function chordsOf(
  { id, shortcuts = [], windowShortcuts = [] }: Action,
  own = settings.getState().shortcuts,
): readonly Chord[] {
  return own[id] ?? (desktop ? [...windowShortcuts, ...shortcuts] : shortcuts)
}

/** Actions that share a chord, by chord. The first in the table wins. */
export function conflicts(own = settings.getState().shortcuts): ReadonlyMap<Chord, readonly Action[]> {
  const byChord = new Map<Chord, Action[]>()
  for (const action of actions) {
    for (const chord of chordsOf(action, own)) byChord.set(chord, [...(byChord.get(chord) ?? []), action])
  }
  return new Map([...byChord].filter(([, sharing]) => sharing.length > 1))
}

/** Performs actions on key presses anywhere in the page. Returns a function that ends this. */
export function installShortcuts(): () => void {
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return
    const chord = chordOf(event)
    const action = chord === undefined ? undefined : actions.find((known) => listenedTo(known).includes(chord))
    if (!action || !listensNow(action, event.target) || (chord === 'tab' && leadsOn(event.target))) return
    const context = { tab: activeTab() }
    if (action.enabled && !action.enabled(context)) return
    event.preventDefault()
    perform(action, context)
  }
  // before the page, which may stop them
  window.addEventListener('keydown', startWalk, true)
  window.addEventListener('pointerdown', endWalk, true)
  window.addEventListener('keydown', listen)
  return () => {
    window.removeEventListener('keydown', startWalk, true)
    window.removeEventListener('pointerdown', endWalk, true)
    window.removeEventListener('keydown', listen)
  }
}

/** The chords that the page handles itself. */
function listenedTo(action: Action): readonly Chord[] {
  const { shortcuts } = settings.getState()
  return action.browserShortcuts && !shortcuts[action.id] ? [] : chordsOf(action, shortcuts)
}

/** Whether an action may handle a key press. Fields and dialogs keep the keys that they need. */
function listensNow(action: Action, target: EventTarget | null): boolean {
  if (isCovered()) return false
  return action.inFields === true || !isField(target)
}

/**
 * Whether the focus goes through the page by keyboard: since Tab moved it or Enter entered the canvas, until the pointer
 * is pressed.
 */
let walking = false

function startWalk({ key, target }: KeyboardEvent): void {
  if (isCovered()) return
  if (key === 'Tab' ? leadsOn(target) : key === 'Enter' && isCanvas(target)) walking = true
}

const endWalk = (): void => {
  walking = false
}

/**
 * Whether Tab should move the focus as usual: from controls, and from the canvas and its items if the keyboard led
 * there. If a click focused them, or nothing has the focus, Tab may be a shortcut.
 */
function leadsOn(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  if (isCanvas(target) || target.matches('.react-flow__node')) return walking
  return target.closest('button, a, input, textarea, select, summary, [tabindex="0"]') !== null
}

const isCanvas = (target: EventTarget | null): boolean =>
  target instanceof Element && target.matches('[role="application"]')

/** Whether a dialog, the palette or the node search takes all keys. */
function isCovered(): boolean {
  const { dialog, palette, search } = ui.getState()
  return dialog !== undefined || palette || search !== undefined
}

/** Whether keys go into a text. */
export function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type)
}
