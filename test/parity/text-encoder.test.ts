import { expect, test } from 'vitest'
import { openCheckpoint } from '#engine/models/detect.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import { goldenCheckpoint } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { feed, floatsOf, openSession } from '../onnx.ts'

const golden = readGolden<{ readonly tolerance: number }>('clip-l')
const { textEncoder } = await openCheckpoint(goldenCheckpoint('clip-l'))
if (!textEncoder) throw new Error('The golden checkpoint has no text encoder.')
const tokens = feed({ data: golden.integers('ids'), shape: golden.tensors.get('ids')?.shape ?? [] })

test.each([
  [1, 'last'],
  [2, 'penultimate_ln'],
])('CLIP skip %i gives the state that transformers calls %s', async (skip, state) => {
  const session = await openSession(buildTextEncoder(textEncoder, { skip }))
  const { tolerance } = golden.json
  expect(largestDifference(await floatsOf(session, { tokens }, 'context'), golden.floats(state))).toBeLessThan(
    tolerance,
  )
  expect(largestDifference(await floatsOf(session, { tokens }, 'pooled'), golden.floats('pooled'))).toBeLessThan(
    tolerance,
  )
})

test.each([0, 99, 1.5])('CLIP skip %f is refused', (skip) => {
  expect(() => buildTextEncoder(textEncoder, { skip })).toThrow(expect.objectContaining({ code: 'range' }))
})
