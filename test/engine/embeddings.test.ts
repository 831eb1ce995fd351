import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StepEvent } from '#engine/runtime/node-events.ts'
import type { SessionValue } from '#engine/runtime/values.ts'
import { stepRules } from '#engine/steps/rules.ts'
import { ClipTokenizer } from '#engine/text/tokenizer.ts'
import { goldenCheckpoint, temporaryFolder } from '../golden-networks.ts'
import { largestDifference } from '../goldens.ts'
import { stepContext, textSession } from '../step-context.ts'
import { writeTensors } from '../tensor-file.ts'
import { goldenTensor } from '../weights.ts'

const width = 64
const towers = {
  l: 'conditioner.embedders.0.transformer.text_model.embeddings.token_embedding.weight',
  g: 'conditioner.embedders.1.model.token_embedding.weight',
  sd1: 'cond_stage_model.transformer.text_model.embeddings.token_embedding.weight',
}
const tokenizer = await ClipTokenizer.load()

/** Rows of a golden checkpoint's token embedding: what an embedding of these words would hold. */
function rowsOf(text: string, tower: keyof typeof towers): Float32Array {
  const table = goldenTensor(towers[tower], [49_408, width])
  const tokens = tokenizer.encode(text)
  const rows = new Float32Array(tokens.length * width)
  for (const [i, token] of tokens.entries()) rows.set(table.subarray(token * width, (token + 1) * width), i * width)
  return rows
}

const folder = temporaryFolder()
const embedding = (name: string, ...tensors: readonly (readonly [name: string, values: Float32Array])[]) =>
  writeTensors(
    join(folder, `${name}.safetensors`),
    tensors.map(([tensor, values]) => ({ name: tensor, shape: [values.length / width, width], values })),
  )

/** What a prompt becomes, with embeddings found by their names; and what was said meanwhile. */
async function encode(session: SessionValue, text: string, more: { text2?: string } = {}) {
  const events: StepEvent[] = []
  const context = {
    ...stepContext((event) => events.push(event)),
    resolve: async (file: string) => join(folder, file.replace('embeddings/', '')),
  }
  const { parts } = await stepRules['encode-prompt'].run(context, { session }, { text, ...more })
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.error] : []))
  return { context: parts[0].context, pooled: parts[0].pooled, warnings }
}

describe('an embedding', () => {
  let session: SessionValue
  beforeAll(async () => {
    embedding('cat-toy', ['emb_params', rowsOf('cat toy', 'sd1')])
    embedding('other', ['whatever', rowsOf('cat toy', 'sd1')])
    writeTensors(join(folder, 'wide.safetensors'), [
      { name: 'emb_params', shape: [1, 96], values: new Float32Array(96) },
    ])
    session = await textSession(goldenCheckpoint('prompts'))
  })
  afterAll(() => session?.session.release())

  it.each(['cat-toy', 'other', 'cat-toy.safetensors'])('%s stands for its words, weighted', async (name) => {
    const expected = await encode(session, 'a red (cat toy:1.3), snow')
    const actual = await encode(session, `a red (embedding:${name}:1.3), snow`)
    expect(largestDifference(actual.context.data, expected.context.data)).toBeLessThan(1e-4)
    expect(actual.warnings).toEqual([])
  })

  it.each(['missing', 'wide'])('%s is left out with a warning', async (name) => {
    const expected = await encode(session, 'a red fox')
    const { context, warnings } = await encode(session, `a red embedding:${name} fox`)
    expect(context).toEqual(expected.context)
    expect(warnings).toEqual([expect.objectContaining({ message: expect.stringContaining(name), input: 'text' })])
  })

  it('is among the files that shape a prompt', () => {
    const files = stepRules['encode-prompt'].optionalFiles?.({
      text: '[embedding:a], x',
      text2: 'embedding:b',
      emphasis: 'a1111',
    })
    const named = (name: string) => ['.safetensors', '.pt', '.bin'].map((ending) => `embeddings/${name}${ending}`)
    expect(files).toEqual([...named('a'), ...named('b')])
  })
})

describe('a prompt of two towers', () => {
  let session: SessionValue
  beforeAll(async () => {
    embedding('both', ['clip_g', rowsOf('cat toy', 'g')], ['clip_l', rowsOf('cat toy', 'l')])
    session = await textSession(goldenCheckpoint('pipeline-sdxl'))
  })
  afterAll(() => session?.session.release())

  it('takes the rows of each from its embedding', async () => {
    const expected = await encode(session, 'a cat toy')
    const actual = await encode(session, 'a embedding:both')
    expect(expected.context.shape).toEqual([1, 77, 2 * width])
    expect(largestDifference(actual.context.data, expected.context.data)).toBeLessThan(1e-4)
    expect(largestDifference(actual.pooled?.data ?? [], expected.pooled?.data ?? [])).toBeLessThan(1e-4)
  })

  it('reads a text in each, with its own weights, in as many chunks as the longer', async () => {
    const words = 'fox '.repeat(100)
    const { context, pooled } = await encode(session, 'a (red:1.4) fox', { text2: words })
    expect(context.shape).toEqual([1, 154, 2 * width])
    const [first, second] = [await encode(session, 'a (red:1.4) fox'), await encode(session, words)]
    const halfOf = (data: Float32Array, half: 0 | 1) =>
      data.filter((_, i) => Math.floor((i % (2 * width)) / width) === half)
    expect(
      largestDifference(halfOf(context.data, 0).subarray(0, 77 * width), halfOf(first.context.data, 0)),
    ).toBeLessThan(1e-5)
    expect(largestDifference(halfOf(context.data, 1), halfOf(second.context.data, 1))).toBeLessThan(1e-5)
    expect(largestDifference(pooled?.data ?? [], second.pooled?.data ?? [])).toBeLessThan(1e-5)
  })

  it('pools the first chunk alone, unweighted', async () => {
    const plain = await encode(session, 'a fox')
    const weighted = await encode(session, '(a fox:1.5)')
    expect(weighted.pooled).toEqual(plain.pooled)
    expect(plain.pooled?.shape).toEqual([1, width])
    expect(weighted.context).not.toEqual(plain.context)
  })
})
