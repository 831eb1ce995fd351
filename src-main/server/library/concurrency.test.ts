import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { inTurn, limited } from './concurrency.ts'

it('limited runs so many at a time, failures included, and all of them', async () => {
  const run = limited(3)
  let now = 0
  let most = 0
  const task = (index: number) =>
    run(async () => {
      most = Math.max(most, ++now)
      await sleep(index % 3)
      now--
      if (index % 4 === 0) throw new Error('no')
      return index
    })
  const results = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => task(index)))
  expect(most).toBe(3)
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(10)
  expect(await run(async () => 'still')).toBe('still')
})

it('inTurn keeps the order of one key, over failures, and lets others pass', async () => {
  const take = inTurn()
  const log: string[] = []
  const task = (key: string, name: string, ms: number) =>
    take(key, async () => {
      await sleep(ms)
      log.push(name)
      if (name === 'a1') throw new Error('no')
    })
  await Promise.allSettled([task('a', 'a1', 20), task('a', 'a2', 0), task('b', 'b1', 0)])
  expect(log).toEqual(['b1', 'a1', 'a2'])
})
