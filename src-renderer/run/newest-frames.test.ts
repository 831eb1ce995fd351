import { expect, it } from 'vitest'
import type { PreviewFrame } from '#core/protocol/preview-frame.ts'
import { newestFrames } from './newest-frames.ts'

it('shows the newest preview of each node once a frame', () => {
  const shown: string[] = []
  const waiting: (() => void)[] = []
  const take = newestFrames(
    ({ node, width }) => shown.push(`${node} ${width}`),
    (run) => waiting.push(run),
  )
  const frame = (node: string, width: number): PreviewFrame => ({
    job: 'j',
    node,
    width,
    height: 1,
    rgb: new Uint8Array(),
  })
  for (const width of [1, 2, 3]) take(frame('a', width))
  take(frame('b', 9))
  expect(waiting).toHaveLength(1)
  waiting.shift()?.()
  expect(shown).toEqual(['a 3', 'b 9'])
  take(frame('a', 4))
  waiting.shift()?.()
  expect(shown.at(-1)).toBe('a 4')
})
