import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDraftKeeper } from './draft-keeper.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function keeping() {
  const saves: string[] = []
  const said: string[] = []
  const store = { fails: false, takes: 0 }
  const keeper = createDraftKeeper({
    async save(id) {
      await new Promise((done) => setTimeout(done, store.takes))
      if (store.fails) throw new Error('disk full')
      saves.push(id)
    },
    failed: () => said.push('failed'),
    recovered: () => said.push('recovered'),
  })
  return { keeper, saves, said, store }
}

describe('createDraftKeeper', () => {
  it('saves once for many edits, within a second of the last', async () => {
    const { keeper, saves } = keeping()
    for (let edit = 0; edit < 10; edit += 1) {
      keeper.touch('a')
      await vi.advanceTimersByTimeAsync(50)
    }
    expect(saves).toEqual([])
    expect(keeper.pending()).toEqual(new Set(['a']))
    await vi.advanceTimersByTimeAsync(999)
    expect(saves).toEqual(['a'])
    expect(keeper.pending()).toEqual(new Set())
  })

  it('keeps tabs apart', async () => {
    const { keeper, saves } = keeping()
    keeper.touch('a')
    keeper.touch('b')
    await vi.advanceTimersByTimeAsync(999)
    expect(saves).toEqual(['a', 'b'])
  })

  it('never has two saves of a tab under way, and saves what was edited meanwhile', async () => {
    const { keeper, saves, store } = keeping()
    store.takes = 2000
    keeper.touch('a')
    await vi.advanceTimersByTimeAsync(500)
    keeper.touch('a')
    await vi.advanceTimersByTimeAsync(1000)
    expect(saves).toEqual([])
    expect(keeper.pending()).toEqual(new Set(['a']))
    await vi.advanceTimersByTimeAsync(5000)
    expect(saves).toEqual(['a', 'a'])
  })

  it('says that it fails, tries again, and says that it is over', async () => {
    const { keeper, saves, said, store } = keeping()
    store.fails = true
    keeper.touch('a')
    await vi.advanceTimersByTimeAsync(500)
    expect(said).toEqual(['failed'])
    await vi.advanceTimersByTimeAsync(20_000)
    expect(said).toEqual(['failed'])
    expect(keeper.pending()).toEqual(new Set(['a']))
    store.fails = false
    await vi.advanceTimersByTimeAsync(5000)
    expect(saves).toEqual(['a'])
    expect(said).toEqual(['failed', 'recovered'])
  })

  it('forgets a tab once its save under way has ended', async () => {
    const { keeper, saves, store } = keeping()
    store.takes = 1000
    keeper.touch('a')
    await vi.advanceTimersByTimeAsync(500)
    keeper.touch('a')
    let forgotten = false
    const forgetting = keeper.forget('a').then(() => {
      forgotten = true
    })
    await vi.advanceTimersByTimeAsync(100)
    expect(forgotten).toBe(false)
    await vi.advanceTimersByTimeAsync(9000)
    await forgetting
    expect(saves).toEqual(['a'])
    expect(keeper.pending()).toEqual(new Set())
  })
})
