import { expect, it } from 'vitest'
import { createLogTail } from './log-tail.ts'

it('keeps the end of a flood', () => {
  const tail = createLogTail(100)
  for (let line = 0; line < 10_000; line++) tail.append(`line ${line}\n`)
  expect(tail.text()).toHaveLength(100)
  expect(tail.text()).toMatch(/line 9999\n$/)
})

it('finds the last line that speaks', () => {
  const tail = createLogTail()
  expect(tail.lastLine()).toBe('')
  tail.append('loading\nError: device lost\n    at run (engine.ts:1)\n\nNode.js v24.0.0\n')
  expect(tail.lastLine()).toBe('Error: device lost')
})
