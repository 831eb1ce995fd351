import { expect, test } from 'vitest'
import { alone } from './alone.ts'

test('the caller is free at once when it cancels, and the next waits until the work has stopped', async () => {
  const happened: string[] = []
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
  const controller = new AbortController()
  const first = alone(async () => {
    happened.push('first began')
    await stopped
    happened.push('first stopped')
  }, controller.signal)
  const second = alone(async () => happened.push('second began'))
  await new Promise((resolve) => setImmediate(resolve))
  controller.abort()
  await expect(first).rejects.toMatchObject({ code: 'cancelled' })
  expect(happened).toEqual(['first began'])
  stop()
  await second
  expect(happened).toEqual(['first began', 'first stopped', 'second began'])
})

test('what is cancelled before its turn never begins, and an error stops nothing else', async () => {
  const failing = alone(async () => {
    throw new Error('broken')
  })
  await expect(alone(async () => expect.unreachable(), AbortSignal.abort())).rejects.toMatchObject({
    code: 'cancelled',
  })
  await expect(failing).rejects.toThrow('broken')
  expect(await alone(async () => 7, new AbortController().signal)).toBe(7)
})
