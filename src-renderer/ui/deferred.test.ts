import { expect, test, vi } from 'vitest'
import { loadPatiently } from './deferred.ts'

const failing = (times: number) => {
  let tries = 0
  return vi.fn(async () => {
    tries++
    if (tries <= times) throw new Error(`try ${tries}`)
    return 'part'
  })
}

const there = async () => undefined

test('what cannot be loaded once is asked for a second time', async () => {
  const load = failing(1)
  expect(await loadPatiently(load, false, there)).toBe('part')
  expect(load).toHaveBeenCalledTimes(2)
})

test('what cannot be loaded twice has failed', async () => {
  const load = failing(2)
  await expect(loadPatiently(load, false, there)).rejects.toThrow('try 2')
  expect(load).toHaveBeenCalledTimes(2)
})

test('nothing is imported before the server answers', async () => {
  const load = failing(0)
  const reach = failing(2)
  await expect(loadPatiently(load, false, reach)).rejects.toThrow('try 2')
  expect(load).not.toHaveBeenCalled()
  expect(await loadPatiently(load, true, reach)).toBe('part')
})
