import { posix, win32 } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sanitizeFileName } from './file-name.ts'

describe('fault 9: file name prefixes', () => {
  it.each([
    ['fox', 'fox'],
    ['Füchse im Schnee 狐 👩‍👩‍👧', 'Füchse im Schnee 狐 👩‍👩‍👧'],
    ['../../x', '_.._x'],
    ['..\\..\\x', '_.._x'],
    ['/etc/passwd', '_etc_passwd'],
    ['C:evil', 'C_evil'],
    ['a:b', 'a_b'],
    ['CON', '_CON'],
    ['con.txt', '_con.txt'],
    ['COM1', '_COM1'],
    ['lpt².x', '_lpt².x'],
    ['console', 'console'],
    ['nul ', '_nul'],
    ['trailing dot.', 'trailing dot'],
    ['trailing space  ', 'trailing space'],
    ['.hidden', 'hidden'],
    ['-rf', 'rf'],
    ['a\0b', 'a_b'],
    ['a\r\nb', 'a_b'],
    ['gpj.\u202eevil', 'gpj._evil'],
    ['\ud83e', '_'],
    ['e\u0301', '\u00e9'],
    ['what? *really* <yes>|"no"', 'what_ _really_ _yes_no_'],
    ['', 'untitled'],
    ['..', 'untitled'],
    [' . . ', 'untitled'],
  ])('%j becomes %j', (text, name) => {
    expect(sanitizeFileName(text)).toBe(name)
  })

  it('1 MB becomes 200 bytes at most, cut between characters', () => {
    for (const unit of ['x', 'é', '狐', '🦊', 'con ']) {
      const name = sanitizeFileName(unit.repeat(1_000_000 / unit.length))
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200)
      expect(Buffer.byteLength(name)).toBeGreaterThan(190)
      expect(name.isWellFormed()).toBe(true)
    }
  })

  it('any text stays one component of one folder, and its name is stable', () => {
    const nasty = fc.constantFrom('..', '/', '\\', ':', '.', ' ', 'con', 'nul', '\0', '~', '\u202e', '-', '\ud800')
    const texts = fc.array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 4 }))).map((parts) => parts.join(''))
    fc.assert(
      fc.property(texts, (text) => {
        const name = sanitizeFileName(text)
        expect(posix.dirname(posix.resolve('/out', name))).toBe('/out')
        expect(win32.dirname(win32.resolve('C:\\out', name))).toBe('C:\\out')
        expect(name).not.toMatch(/^[\s.-]|[\s.]$/)
        expect(sanitizeFileName(name)).toBe(name)
      }),
      { numRuns: 2000 },
    )
  })
})
