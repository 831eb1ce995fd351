import { describe, expect, it } from 'vitest'
import { ariaChord, chordOf, printChord } from './chord.ts'

const press = { key: 'Enter', code: 'Enter', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }

describe('chordOf', () => {
  it('names the modifiers in one order', () => {
    expect(chordOf({ ...press, ctrlKey: true, shiftKey: true }, false)).toBe('mod+shift+enter')
    expect(chordOf({ ...press, metaKey: true }, true)).toBe('mod+enter')
    expect(chordOf({ ...press, ctrlKey: true }, true)).toBe('ctrl+enter')
  })

  it('leaves out the shift that a sign needs', () => {
    expect(chordOf({ ...press, key: '?', code: 'Slash', shiftKey: true }, false)).toBe('?')
    expect(chordOf({ ...press, key: 'A', code: 'KeyA', shiftKey: true }, false)).toBe('shift+a')
    expect(chordOf({ ...press, key: '+', code: 'Equal', shiftKey: true, ctrlKey: true }, false)).toBe('mod+plus')
  })

  it('takes a letter by its place when Option turns it into another sign', () => {
    expect(chordOf({ ...press, key: 'ç', code: 'KeyC', altKey: true }, true)).toBe('alt+c')
  })

  it('waits while only modifiers are down', () => {
    expect(chordOf({ ...press, key: 'Control', ctrlKey: true }, false)).toBeUndefined()
  })
})

describe('printChord', () => {
  it('writes as the platform does', () => {
    expect(printChord('mod+shift+enter', false)).toBe('Ctrl+Shift+Enter')
    expect(printChord('mod+plus', false)).toBe('Ctrl++')
    expect(printChord('mod+shift+z', true)).toBe('⇧⌘Z')
    expect(ariaChord('mod+z', false)).toBe('Control+Z')
  })
})
