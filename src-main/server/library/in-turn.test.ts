import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { inTurn } from './in-turn.ts'

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
