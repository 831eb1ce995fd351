import { expect, it } from 'vitest'
import { LoomError } from './errors.ts'

function readHeader(): never {
  throw new LoomError('parse', 'The header is cut off.', { hint: 'Download it again.', cause: new Error('EOF') })
}

function thrownBy(body: () => never): LoomError {
  try {
    return body()
  } catch (error) {
    if (error instanceof LoomError) return error
    throw error
  }
}

it('said of a node tells where it was thrown first, and why', () => {
  const first = thrownBy(readHeader)
  const placed = first.at('checkpoint', 'file')
  expect(placed).toMatchObject({ code: 'parse', node: 'checkpoint', input: 'file', hint: 'Download it again.' })
  expect(placed.stack).toBe(first.stack)
  expect(placed.stack).toContain('readHeader')
  expect(placed.cause).toBe(first.cause)
})

it('stays with the node that was named first', () => {
  expect(thrownBy(readHeader).at('lora', 'file').at('sampler')).toMatchObject({ node: 'lora', input: 'file' })
})

it('has no cause where the first has none', () => {
  expect('cause' in new LoomError('range', 'Too many steps.').at('sampler')).toBe(false)
})
