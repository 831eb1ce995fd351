import { describe, expect, it } from 'vitest'
import { parsePrompt } from '#core/formats/prompt.ts'
import { cpuTime } from '#test/cpu-time.ts'
import { readGolden } from '#test/goldens.ts'
import { chunkLength, chunkPrompt, type PromptChunks } from './chunks.ts'
import { ClipTokenizer, endToken, startToken } from './tokenizer.ts'

interface PromptsGolden {
  readonly rows: readonly { readonly prompt: string; readonly chunks: readonly (readonly [number, number][])[] }[]
}

const golden = readGolden<PromptsGolden>('prompts').json
const tokenizer = await ClipTokenizer.load()
const cat = 2368

const chunksOf = (prompt: string, padToken = endToken): PromptChunks =>
  chunkPrompt(parsePrompt(prompt), tokenizer, { padToken })
const row = ({ ids }: PromptChunks, chunk: number): number[] => [
  ...ids.subarray(chunk * chunkLength, (chunk + 1) * chunkLength),
]
const words = (count: number): string => 'cat '.repeat(count)
const cats = (count: number): number[] => Array<number>(count).fill(cat)
const padded = (tokens: readonly number[], padToken = endToken): number[] => [
  startToken,
  ...tokens,
  endToken,
  ...Array<number>(chunkLength - 2 - tokens.length).fill(padToken),
]

describe('chunkPrompt', () => {
  it.each(golden.rows)('gives the tokens and weights of ComfyUI: $prompt', ({ prompt, chunks }) => {
    const actual = chunksOf(prompt)
    const expected = chunks.flat()
    expect(actual.count).toBe(chunks.length)
    expect([...actual.ids]).toEqual(expected.map(([id]) => id))
    expect([...actual.weights]).toEqual(expected.map(([, weight]) => weight))
  })

  it('pads with the token it is told: 0 for OpenCLIP', () => {
    expect(row(chunksOf('cat', 0), 0)).toEqual(padded([cat], 0))
  })

  it('makes the empty chunk of no segments', () => {
    const empty = chunkPrompt([], tokenizer, { padToken: 0 })
    expect(empty.count).toBe(1)
    expect(row(empty, 0)).toEqual(padded([], 0))
  })

  it('moves a segment of 7 tokens as a whole and splits one of 8', () => {
    const moved = chunksOf(`${words(70)}(${words(7)}:2)`)
    expect(row(moved, 0)).toEqual(padded(cats(70)))
    expect(row(moved, 1)).toEqual(padded(cats(7)))
    expect(moved.weights[chunkLength + 7]).toBe(2)
    expect(moved.weights[chunkLength + 8]).toBe(1)

    const split = chunksOf(`${words(70)}(${words(8)}:2)`)
    expect(row(split, 0)).toEqual(padded(cats(75)))
    expect(row(split, 1)).toEqual(padded(cats(3)))
    expect([...split.weights.subarray(71, 77)]).toEqual([2, 2, 2, 2, 2, 1])
  })

  it('opens no chunk for a segment without tokens', () => {
    expect(chunksOf(`${words(75)}( )`).count).toBe(1)
  })

  it('opens the next chunk for a long segment when the last one is full', () => {
    const chunks = chunksOf(`${words(75)}(${words(8)})`)
    expect(row(chunks, 0)).toEqual(padded(cats(75)))
    expect(row(chunks, 1)).toEqual(padded(cats(8)))
  })
})

describe('vectors among the tokens', () => {
  const vector = (value: number) => Float32Array.of(value)
  const vectors = (count: number) => Array.from({ length: count }, (_, i) => vector(i))

  it('stand at their places, weighted, where the ids are 0', () => {
    const chunks = chunkPrompt(
      [
        { text: 'cat ', weight: 1 },
        { vectors: vectors(2), weight: 1.5 },
      ],
      tokenizer,
      {
        padToken: endToken,
      },
    )
    expect(row(chunks, 0)).toEqual(padded([cat, 0, 0]))
    expect([...chunks.vectors]).toEqual([
      [2, vector(0)],
      [3, vector(1)],
    ])
    expect([...chunks.weights.subarray(1, 5)]).toEqual([1, 1.5, 1.5, 1])
  })

  it('move to the next chunk as a word does', () => {
    const segments = [
      { text: words(74), weight: 1 },
      { vectors: vectors(3), weight: 1 },
    ]
    const chunks = chunkPrompt(segments, tokenizer, { padToken: 0 })
    expect([...chunks.vectors.keys()]).toEqual([chunkLength + 1, chunkLength + 2, chunkLength + 3])
  })
})

it('fills up with empty chunks', () => {
  const chunks = chunkPrompt([{ text: 'cat', weight: 1 }], tokenizer, { padToken: 0, least: 3 })
  expect(chunks.count).toBe(3)
  expect(row(chunks, 2)).toEqual(padded([], 0))
})

describe('fault 32: long and odd prompts', () => {
  it.each([
    [74, 1],
    [75, 1],
    [76, 2],
    [77, 2],
    [78, 2],
    [150, 2],
    [151, 3],
    [1000, 14],
  ])('packs %i tokens into %i chunks', (tokens, count) => {
    const chunks = chunksOf(words(tokens))
    expect(chunks.count).toBe(count)
    expect([...chunks.ids].filter((id) => id === cat)).toHaveLength(tokens)
    for (let chunk = 0; chunk < count; chunk++) {
      expect(row(chunks, chunk)).toEqual(padded(cats(Math.min(75, tokens - 75 * chunk))))
    }
  })

  it.each(['', '   ', '\n\t', '()', '( )', '((()))'])('makes the empty chunk of %j', (prompt) => {
    expect(chunksOf(prompt)).toEqual(chunkPrompt([], tokenizer, { padToken: endToken }))
  })

  it('keeps a literal <|endoftext|> where it stands', () => {
    expect(row(chunksOf('cat<|endoftext|>cat'), 0)).toEqual(padded([cat, endToken, cat]))
  })

  it('takes 100 kB without spaces in bounded time', () => {
    const count = Math.ceil(12_501 / 75)
    expect(cpuTime(() => expect(chunksOf('a'.repeat(100_000)).count).toBe(count))).toBeLessThan(3000)
  })
})
