import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { terminalProgress } from './terminal-progress.ts'

function terminal(columns: number, isTTY = true) {
  let text = ''
  return {
    stream: {
      isTTY,
      columns,
      write(part: string) {
        text += part
      },
    },
    /** What was drawn, one entry for each time the line was. */
    lines: () => text.split('\r\u001b[2K').slice(1),
    text: () => text,
  }
}

// the machine of the tests may have a terminal that cannot redraw a line
beforeEach(() => vi.stubEnv('TERM', 'xterm'))
afterEach(() => vi.unstubAllEnvs())

const clearLine = '\r\u001b[2K'

describe('on a terminal', () => {
  it('draws one line that never wraps, with phase, steps and time', () => {
    const { stream, lines } = terminal(60)
    const progress = terminalProgress(stream, { shared: false })
    progress.show({ type: 'phase', phase: 'sample', label: 'Four steps' })
    progress.show({ type: 'step', step: 2, steps: 4 })
    progress.show({ type: 'phase', phase: 'decode', label: '狐'.repeat(60) })
    progress.end()
    expect(lines()[1]).toMatch(/^Sampling Four steps ██████░░░░░░ 2\/4 \d+\.\d s$/)
    expect(lines()[2]).toMatch(/^Decoding 狐+… \d+\.\d s$/)
    for (const line of lines()) {
      expect(line).not.toContain('\n')
      expect([...line].reduce((sum, character) => sum + (character === '狐' ? 2 : 1), 0)).toBeLessThanOrEqual(60)
    }
  })

  it('leaves an empty line behind', () => {
    const { stream, text } = terminal(60)
    const progress = terminalProgress(stream, { shared: false })
    progress.show({ type: 'phase', phase: 'load', label: 'fox' })
    progress.end()
    expect(text().endsWith(clearLine)).toBe(true)
  })
})

it.each([
  ['no terminal', false, false],
  ['a terminal that others print to', true, true],
])('writes plain lines on %s', (_name, isTTY, shared) => {
  const { stream, text } = terminal(60, isTTY)
  const progress = terminalProgress(stream, { shared })
  progress.show({ type: 'phase', phase: 'sample', label: 'a\u001b[31mb' })
  progress.show({ type: 'step', step: 1, steps: 2 })
  progress.end()
  expect(text()).toBe('Sampling a\ufffd[31mb\nSampling a\ufffd[31mb 1/2\n')
})

it('writes plain lines on a terminal that cannot redraw one', () => {
  vi.stubEnv('TERM', 'dumb')
  const { stream, text } = terminal(60)
  terminalProgress(stream, { shared: false }).show({ type: 'phase', phase: 'load', label: 'fox' })
  expect(text()).toBe('Loading fox\n')
})
