import { expect, it } from 'vitest'
import type { Host } from './host.ts'
import { startLastingHost } from './lasting-host.ts'

const hostAt = (url: string): Host => ({
  url,
  register: async (file) => `${url}${file}`,
  locate: async (_kind, id) => id,
  close: async () => {},
})

it('asks until a server stands in for one that ended, or the person has enough', async () => {
  const told: string[] = []
  const answers = ['start', 'start', 'quit'] as const
  const starts = ['/1', 'the port is taken', '/2']
  let ended = () => {}
  let settled = () => {}
  const host = await startLastingHost({
    async start(whenEnded) {
      ended = whenEnded
      const [next = ''] = starts.splice(0, 1)
      if (next.startsWith('/')) return hostAt(next)
      throw new Error(next)
    },
    async ask(reason) {
      told.push(reason)
      return answers[told.length - 1] ?? 'quit'
    },
    replaced: ({ url }) => {
      told.push(url)
      settled()
    },
    quit: () => {
      told.push('quit')
      settled()
    },
  })
  expect([host.url, await host.register('/a', { create: false })]).toEqual(['/1', '/1/a'])
  const over = new Promise<void>((resolve) => {
    settled = resolve
  })
  ended()
  await over
  expect(told).toEqual(['The server process ended.', 'the port is taken', '/2'])
  expect([host.url, await host.register('/a', { create: false })]).toEqual(['/2', '/2/a'])
  const end = new Promise<void>((resolve) => {
    settled = resolve
  })
  ended()
  await end
  expect(told.slice(3)).toEqual(['The server process ended.', 'quit'])
})
