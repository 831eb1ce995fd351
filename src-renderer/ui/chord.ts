/**
 * A key with modifiers as text: "mod+shift+enter", "alt+c", "?". `mod` is Command on a Mac and Ctrl elsewhere. `shift`
 * is left out if the character already implies it.
 */
export type Chord = string

/** The fields of a keyboard event that make a chord. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

const names: Readonly<Record<string, string>> = { ' ': 'space', '+': 'plus', Escape: 'escape' }
const bare = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified'])

/** Whether the page is shown on a Mac, an iPhone or an iPad. */
export const isMac = typeof navigator !== 'undefined' && /mac|iphone|ipad/i.test(navigator.userAgent)

/** The chord of a key press; undefined if only modifiers are pressed. */
export function chordOf(press: KeyPress, mac = isMac): Chord | undefined {
  if (bare.has(press.key)) return undefined
  const key = keyName(press)
  const isSign = press.key.length === 1 && press.key !== ' ' && !/[a-z]/i.test(press.key)
  const parts = [
    (mac ? press.metaKey : press.ctrlKey) && 'mod',
    mac && press.ctrlKey && 'ctrl',
    press.altKey && 'alt',
    press.shiftKey && !isSign && 'shift',
    key,
  ]
  return parts.filter((part) => part !== false).join('+')
}

/** The key's name. With Alt it comes from the physical key, because Option on a Mac changes the character. */
function keyName({ key, code, altKey }: KeyPress): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1]
  if (altKey && letter) return letter.toLowerCase()
  return names[key] ?? key.toLowerCase()
}

const macSigns: Readonly<Record<string, string>> = { mod: '⌘', ctrl: '⌃', alt: '⌥', shift: '⇧' }
/** Order from the key outwards. */
const macOrder = ['mod', 'shift', 'alt', 'ctrl']

const words: Readonly<Record<string, string>> = {
  mod: 'Ctrl',
  ctrl: 'Ctrl',
  alt: 'Alt',
  shift: 'Shift',
  enter: 'Enter',
  escape: 'Esc',
  delete: 'Del',
  backspace: 'Backspace',
  space: 'Space',
  tab: 'Tab',
  home: 'Home',
  pageup: 'Page Up',
  pagedown: 'Page Down',
  plus: '+',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
}

/** A chord for display: "Ctrl+Shift+Enter", on a Mac "⇧⌘Enter". */
export function printChord(chord: Chord, mac = isMac): string {
  const parts = chord.split('+')
  if (mac) parts.sort((a, b) => macOrder.indexOf(b) - macOrder.indexOf(a))
  return parts
    .map((part) => (mac ? macSigns[part] : undefined) ?? words[part] ?? part.toUpperCase())
    .join(mac ? '' : '+')
}

/** A chord in the format of `aria-keyshortcuts`. */
export const ariaChord = (chord: Chord, mac = isMac): string =>
  chord
    .split('+')
    .map((part) => (part === 'mod' ? (mac ? 'Meta' : 'Control') : part.charAt(0).toUpperCase() + part.slice(1)))
    .join('+')
