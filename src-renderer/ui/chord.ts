/**
 * A key with its modifiers, as text: "mod+shift+enter", "alt+c", "?". `mod` is Command on a Mac and Ctrl elsewhere; `shift` is named
 * only where it does not already show in the character.
 */
export type Chord = string

/** What of a keyboard event a chord is made of. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

const names: Readonly<Record<string, string>> = { ' ': 'space', '+': 'plus', Escape: 'escape' }
const bare = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified'])

const isMac = typeof navigator !== 'undefined' && /mac|iphone|ipad/i.test(navigator.userAgent)

/** The chord of a key press; undefined while only modifiers are down. */
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

/** Letters by their place when a modifier turns them into signs of other scripts, as Option does on a Mac. */
function keyName({ key, code, altKey }: KeyPress): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1]
  if (altKey && letter) return letter.toLowerCase()
  return names[key] ?? key.toLowerCase()
}

const macSigns: Readonly<Record<string, string>> = { mod: '⌘', ctrl: '⌃', alt: '⌥', shift: '⇧' }
/** From the key outwards. */
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

/** A chord as a person reads it: "Ctrl+Shift+Enter", on a Mac "⇧⌘Enter". */
export function printChord(chord: Chord, mac = isMac): string {
  const parts = chord.split('+')
  if (mac) parts.sort((a, b) => macOrder.indexOf(b) - macOrder.indexOf(a))
  return parts
    .map((part) => (mac ? macSigns[part] : undefined) ?? words[part] ?? part.toUpperCase())
    .join(mac ? '' : '+')
}

/** A chord as `aria-keyshortcuts` wants it. */
export const ariaChord = (chord: Chord, mac = isMac): string =>
  chord
    .split('+')
    .map((part) => (part === 'mod' ? (mac ? 'Meta' : 'Control') : part.charAt(0).toUpperCase() + part.slice(1)))
    .join('+')
