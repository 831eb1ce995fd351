import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '#engine/models/detect.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import { goldenCheckpoint } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { floatsOf, openSession } from '../onnx.ts'
import { textFeeds } from '../text-feeds.ts'

interface Case {
  readonly tolerance: number
}

describe('CLIP-L', async () => {
  const golden = readGolden<Case>('clip-l')
  const { textEncoder } = await openCheckpoint(goldenCheckpoint('clip-l'))
  if (!textEncoder) throw new Error('The golden checkpoint has no text encoder.')
  const tokens = { data: golden.integers('ids'), shape: golden.tensors.get('ids')?.shape ?? [] }
  const feeds = textFeeds(tokens, textEncoder.config.width)

  test.each([
    [1, 'last'],
    ['auto', 'last'],
    [2, 'penultimate_ln'],
  ] as const)('CLIP skip %s gives the state that transformers calls %s', async (skip, state) => {
    const session = await openSession(buildTextEncoder({ textEncoder, skip }))
    const { tolerance } = golden.json
    expect(largestDifference(await floatsOf(session, feeds, 'context'), golden.floats(state))).toBeLessThan(tolerance)
    expect(largestDifference(await floatsOf(session, feeds, 'pooled'), golden.floats('pooled'))).toBeLessThan(tolerance)
  })

  test.each([0, 99, 1.5])('CLIP skip %f is refused', (skip) => {
    expect(() => buildTextEncoder({ textEncoder, skip })).toThrow(expect.objectContaining({ code: 'range' }))
  })
})

describe('OpenCLIP-G, beside CLIP-L', async () => {
  const golden = readGolden<Case>('openclip-g')
  const { tolerance } = golden.json
  const { textEncoder, textEncoder2 } = await openCheckpoint(goldenCheckpoint('pipeline-sdxl'))
  const { textEncoder2: alone } = await openCheckpoint(goldenCheckpoint('openclip-g'))
  if (!textEncoder || !textEncoder2 || !alone) throw new Error('The golden checkpoint lacks a text encoder.')
  const ids = { data: golden.integers('ids'), shape: golden.tensors.get('ids')?.shape ?? [] }
  const feeds = textFeeds(ids, alone.config.width, '2')

  test('gives the penultimate state and the projected text of transformers', async () => {
    const session = await openSession(buildTextEncoder({ textEncoder2: alone, skip: 'auto' }))
    expect(largestDifference(await floatsOf(session, feeds, 'context'), golden.floats('penultimate'))).toBeLessThan(
      tolerance,
    )
    expect(largestDifference(await floatsOf(session, feeds, 'pooled'), golden.floats('pooled'))).toBeLessThan(tolerance)
  })

  test('lies behind CLIP-L in the context of both', async () => {
    const both = await openSession(buildTextEncoder({ textEncoder, textEncoder2, skip: 2 }))
    const first = await openSession(buildTextEncoder({ textEncoder, skip: 'auto' }))
    const second = await openSession(buildTextEncoder({ textEncoder2, skip: 'auto' }))
    const feeds1 = textFeeds(ids, textEncoder.config.width)
    const context = await floatsOf(both, { ...feeds1, ...feeds }, 'context')
    const [a, b] = [await floatsOf(first, feeds1, 'context'), await floatsOf(second, feeds, 'context')]
    const width = textEncoder.config.width + textEncoder2.config.width
    const half = textEncoder.config.width
    expect(
      largestDifference(
        context.filter((_, i) => i % width < half),
        a,
      ),
    ).toBeLessThan(1e-6)
    expect(
      largestDifference(
        context.filter((_, i) => i % width >= half),
        b,
      ),
    ).toBeLessThan(1e-6)
    expect(await floatsOf(both, { ...feeds1, ...feeds }, 'pooled')).toEqual(await floatsOf(second, feeds, 'pooled'))
  })
})
