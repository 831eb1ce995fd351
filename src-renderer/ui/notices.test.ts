import { beforeEach, describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { dismiss, notices, notify, showError } from './notices.ts'

const messages = () => notices.getState().map(({ message }) => message)

beforeEach(() => notices.setState([], true))

describe('notices', () => {
  it('are replaced where they are, and go when they are dismissed', () => {
    notify({ kind: 'info', id: 'a', message: 'first' })
    const b = notify({ kind: 'info', message: 'other' })
    notify({ kind: 'info', id: 'a', message: 'second' })
    expect(messages()).toEqual(['second', 'other'])
    dismiss(b)
    expect(messages()).toEqual(['second'])
  })

  it('leave the newest when there are too many', () => {
    for (let count = 0; count < 20; count += 1) notify({ kind: 'info', message: String(count) })
    expect(messages().at(-1)).toBe('19')
    expect(messages().length).toBeLessThan(10)
  })

  it('say of an error what happened and what to do', () => {
    showError(new LoomError('io', 'The server does not answer.', { hint: 'Start it again.' }))
    showError(new TypeError('x is undefined'))
    expect(notices.getState()).toMatchObject([
      { kind: 'error', message: 'The server does not answer.', hint: 'Start it again.' },
      { kind: 'error', message: 'Latent Loom failed: x is undefined' },
    ])
  })
})
