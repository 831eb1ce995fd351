import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SessionValue } from '#engine/runtime/values.ts'
import { stepRules } from '#engine/steps/rules.ts'
import { zeros } from '#engine/tensor/float-tensor.ts'
import { goldenCheckpoint } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { stepContext, textSession } from '../step-context.ts'

interface PromptsCase {
  readonly rows: readonly {
    readonly prompt: string
    /** Pairs of token and weight, 77 to a chunk. */
    readonly chunks: readonly (readonly (readonly [token: number, weight: number])[])[]
  }[]
  readonly tolerance: number
}

const golden = readGolden<PromptsCase>('prompts')
const { rows, tolerance } = golden.json

describe('prompts become the contexts of ComfyUI', () => {
  let session: SessionValue
  beforeAll(async () => {
    session = await textSession(goldenCheckpoint('prompts'))
  })
  afterAll(() => session?.session.release())

  test.each(rows.map(({ prompt }, row) => [row, prompt.slice(0, 50)] as const))('row %i: %j', async (row) => {
    const { prompt, chunks } = rows[row] ?? { prompt: '', chunks: [] }
    const { parts } = await stepRules['encode-prompt'].run(stepContext(), { session }, { text: prompt })
    const [{ context }] = parts
    expect(context.shape).toEqual(golden.tensors.get(`${row}/context`)?.shape)
    expect(largestDifference(context.data, golden.floats(`${row}/context`))).toBeLessThan(tolerance)

    // No step carries the pooled text: what the network gives for the first chunk stands for it.
    const [first = []] = chunks
    const tokens = { data: BigInt64Array.from(first, ([token]) => BigInt(token)), shape: [1, first.length] }
    const vectors = zeros([1, first.length, context.shape[2] ?? 0])
    const plain = { data: new Float32Array(first.length).fill(1), shape: [1, first.length, 1] }
    const { pooled } = await session.session.run({ tokens, vectors, plain }, stepContext())
    expect(largestDifference(pooled?.data ?? [], golden.floats(`${row}/pooled`))).toBeLessThan(tolerance)
  })
})
