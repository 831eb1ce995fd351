import { describe, expect, it } from 'vitest'
import { latestOnly } from './latest.ts'

/** Lets promises that are settled take effect. */
const settle = () => new Promise((done) => setTimeout(done))

function slowWork() {
  const ends: (() => void)[] = []
  return {
    started: () => ends.length,
    end: () => ends.at(-1)?.(),
    work: () => new Promise<void>((done) => ends.push(done)),
  }
}

describe('latestOnly', () => {
  it('starts at once, and once more for any number of calls meanwhile', async () => {
    const { started, end, work } = slowWork()
    const call = latestOnly(work)
    call()
    expect(started()).toBe(1)
    call()
    call()
    call()
    await settle()
    expect(started()).toBe(1)
    end()
    await settle()
    expect(started()).toBe(2)
    end()
    await settle()
    expect(started()).toBe(2)
    call()
    expect(started()).toBe(3)
  })

  it('sees the newest state last', async () => {
    let state = 0
    const seen: number[] = []
    const call = latestOnly(async () => {
      const taken = state
      await settle()
      seen.push(taken)
    })
    for (state = 1; state < 20; state += 1) {
      call()
      await Promise.resolve()
    }
    state = 20
    call()
    await settle()
    await settle()
    await settle()
    expect(seen.at(-1)).toBe(20)
    expect(seen.length).toBeLessThan(4)
  })
})
