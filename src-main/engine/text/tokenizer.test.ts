import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuTime } from '#test/cpu-time.ts'
import { readGolden } from '#test/goldens.ts'
import { ClipTokenizer, endToken, startToken } from './tokenizer.ts'

interface TokenizerGolden {
  readonly cases: readonly { readonly text: string; readonly ids: readonly number[] }[]
}

const golden = readGolden<TokenizerGolden>('tokenizer').json
const tokenizer = await ClipTokenizer.load()

describe('ClipTokenizer', () => {
  it.each(golden.cases)('gives the ids of transformers: $text', ({ text, ids }) => {
    expect(tokenizer.encode(text)).toEqual(ids)
  })

  it('lowers a final sigma as the reference does: character by character', () => {
    expect(tokenizer.encode('ΟΔΟΣ')).toEqual(tokenizer.encode('οδοσ'))
  })

  it('takes composed and decomposed letters for the same', () => {
    expect(tokenizer.encode('cafe\u0301')).toEqual(tokenizer.encode('café'))
  })

  it('reports a file that is missing or of another size', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'loom-tokenizer-'))
    try {
      await expect(ClipTokenizer.load(join(folder, 'none.bin'))).rejects.toMatchObject({
        name: 'LoomError',
        code: 'io',
      })
      const short = join(folder, 'short.bin')
      await writeFile(short, new Uint8Array(8))
      await expect(ClipTokenizer.load(short)).rejects.toMatchObject({ name: 'LoomError', code: 'parse' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('fault 32: unusual texts', () => {
  it.each(['', ' ', ' \t\r\n\u3000\u00a0 '])('has no tokens for %j', (text) => {
    expect(tokenizer.encode(text)).toEqual([])
  })

  it('encodes only emoji', () => {
    expect(tokenizer.encode('😀')).toEqual([7334])
    expect(tokenizer.encode('😀)')).toEqual([12832, 264])
  })

  it('encodes CJK byte by byte where the vocabulary has no better', () => {
    expect(tokenizer.encode('漢')).toEqual([162, 120, 351])
    expect(tokenizer.encode('日本語のテキスト')).toEqual([
      39121, 44353, 34002, 252, 21575, 2429, 228, 47121, 32421, 486,
    ])
  })

  it('encodes control characters as bytes', () => {
    expect(tokenizer.encode('\u0000')).toEqual([188 + 256])
    expect(tokenizer.encode('a\u0007b')).toEqual([320, 195 + 256, 321])
  })

  it('takes a literal <|endoftext|> for the token, also inside a word', () => {
    expect(tokenizer.encode('a<|endoftext|>b')).toEqual([320, endToken, 321])
    expect(tokenizer.encode('!<|startoftext|>')).toEqual([256, startToken])
    expect(tokenizer.encode('<|endoftext|')).not.toContain(endToken)
  })

  it('takes half a surrogate pair for U+FFFD', () => {
    expect(tokenizer.encode('\ud83d')).toEqual(tokenizer.encode('\ufffd'))
  })

  it.each([
    ['one letter', 'a'.repeat(100_000)],
    ['letters', Array.from({ length: 100_000 }, (_, i) => String.fromCharCode(97 + ((i * i) % 26))).join('')],
    ['CJK', '猫'.repeat(33_334)],
    ['emoji', '😀'.repeat(25_000)],
    ['punctuation', '!'.repeat(100_000)],
    ['combining marks', `a${'\u0301\u0323'.repeat(50_000)}`],
  ])('encodes 100 kB without spaces in bounded time: %s', (_, text) => {
    const encode = () => expect(tokenizer.encode(text).length).toBeGreaterThan(1000)
    expect(cpuTime(encode)).toBeLessThan(3000)
  })

  it('encodes a word of one letter as its longest token, over and over', () => {
    const ids = tokenizer.encode('a'.repeat(100_000))
    expect(ids.length).toBe(12_501)
    expect(new Set(ids.slice(0, -2))).toEqual(new Set([23_126]))
  })

  it('takes any string; ids stay inside the vocabulary', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const id of tokenizer.encode(text)) expect(id >= 0 && id <= endToken).toBe(true)
      }),
    )
  })

  it('counts words apart: spaces between texts add their tokens', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 })
    fc.assert(
      fc.property(text, text, (left, right) => {
        expect(tokenizer.encode(`${left} ${right}`)).toEqual([...tokenizer.encode(left), ...tokenizer.encode(right)])
      }),
    )
  })
})
