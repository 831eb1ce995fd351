import { deflateSync, crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { inflateCapped } from '#engine/files/inflate.ts'
import { crc32 } from './crc32.ts'
import { insertPngTexts, readPngTexts } from './png.ts'

function chunk(type: string, data: Uint8Array, length = data.length): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const bytes = Buffer.alloc(body.length + 8)
  bytes.writeUInt32BE(length)
  body.copy(bytes, 4)
  bytes.writeUInt32BE(zlibCrc32(body), body.length + 4)
  return bytes
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const ihdr = chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]))
const idat = chunk('IDAT', deflateSync(Buffer.from([0, 255])))
const iend = chunk('IEND', Buffer.alloc(0))
const png = (...between: Uint8Array[]): Buffer => Buffer.concat([signature, ihdr, ...between, idat, iend])
const text = (keyword: string, value: string): Buffer => chunk('tEXt', latin1(`${keyword}\0${value}`))
const zipped = (keyword: string, value: Buffer): Buffer =>
  chunk('zTXt', Buffer.concat([latin1(`${keyword}\0\0`), deflateSync(value)]))
const read = (bytes: Uint8Array): Record<string, string> => Object.fromEntries(readPngTexts(bytes, inflateCapped))
const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof LoomError) return error.code
    throw error
  }
  return 'none'
}

describe('fault 12: damaged PNG files', () => {
  it('a bad checksum is passed over', () => {
    const bytes = png(text('workflow', '{}'))
    for (const at of [ihdr.length + 8 - 1, bytes.length - 1, 8 + ihdr.length + text('workflow', '{}').length - 1]) {
      const bad = Buffer.from(bytes)
      bad[at] = (bad[at] ?? 0) ^ 1
      expect(read(bad)).toEqual({ workflow: '{}' })
    }
  })

  it('cut at every byte: the texts that are whole, never an over-read', () => {
    const bytes = png(text('workflow', '{}'))
    const whole = 8 + ihdr.length + text('workflow', '{}').length
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = bytes.subarray(0, length)
      if (length < 8) expect(codeOf(() => read(cut))).toBe('parse')
      else expect(read(cut)).toEqual(length < whole ? {} : { workflow: '{}' })
    }
  })

  it.each([0x7fffffff, 0x80000000, 0xffffffff, 1000])('a chunk that claims %d bytes ends the reading', (length) => {
    expect(read(png(text('a', 'b'), chunk('tEXt', latin1('c\0d'), length)))).toEqual({ a: 'b' })
  })

  it('bytes behind the end are not read', () => {
    expect(read(Buffer.concat([png(text('a', 'b')), text('a', 'c'), Buffer.alloc(99, 0xff)]))).toEqual({ a: 'b' })
  })

  it('what is no PNG file is refused by reader and writer', () => {
    for (const bytes of [Buffer.alloc(0), latin1('GIF89a'), latin1('<html>'), Buffer.from([0xff, 0xd8, 0xff])]) {
      expect(codeOf(() => read(bytes))).toBe('parse')
      expect(codeOf(() => insertPngTexts(bytes, new Map()))).toBe('parse')
    }
    expect(codeOf(() => insertPngTexts(Buffer.concat([signature, idat, ihdr]), new Map()))).toBe('parse')
  })
})

describe('fault 13: decompression bombs', () => {
  const bomb = Buffer.alloc(17 * 1024 * 1024)

  it('a zTXt and an iTXt of more than 16 MiB are refused', () => {
    expect(codeOf(() => read(png(zipped('workflow', bomb))))).toBe('limit')
    const itxt = chunk('iTXt', Buffer.concat([latin1('workflow\0\x01\0\0\0'), deflateSync(bomb)]))
    expect(itxt.length).toBeLessThan(20_000)
    expect(codeOf(() => read(png(itxt)))).toBe('limit')
  })

  it('many that are each below the limit are refused together', () => {
    const half = zipped('a', Buffer.alloc(9 * 1024 * 1024, 'x'))
    expect(Object.keys(read(png(half)))).toEqual(['a'])
    expect(codeOf(() => read(png(half, half)))).toBe('limit')
  })

  it('damaged compressed texts are passed over, the others read', () => {
    const damaged = chunk('zTXt', latin1('bad\0\0not zlib'))
    expect(read(png(damaged, text('a', 'b')))).toEqual({ a: 'b' })
  })
})

describe('fault 14: texts of every kind', () => {
  it('20,000 texts are read', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => text(`k${index}`, String(index)))
    const texts = readPngTexts(png(...many), inflateCapped)
    expect(texts.size).toBe(20_000)
    expect(texts.get('k19999')).toBe('19999')
  })

  it('more than 100,000 are refused', () => {
    const one = text('k', '')
    expect(codeOf(() => read(png(Buffer.concat(Array.from({ length: 100_001 }, () => one)))))).toBe('limit')
  })

  it('of equal keywords the last counts', () => {
    expect(read(png(text('workflow', '1'), text('workflow', '2')))).toEqual({ workflow: '2' })
  })

  it('Latin-1 in tEXt and zTXt, Unicode in iTXt, plain or compressed', () => {
    const utf8 = Buffer.from('狐🦊')
    const bytes = png(
      text('Author', 'J\xf6rg \x80'),
      zipped('zip', latin1('\xe9')),
      chunk('iTXt', Buffer.concat([latin1('prompt\0\0\0en\0Prompt\0'), utf8])),
      chunk('iTXt', Buffer.concat([latin1('zprompt\0\x01\0\0\0'), deflateSync(utf8)])),
    )
    expect(read(bytes)).toEqual({ Author: 'J\xf6rg \x80', zip: '\xe9', prompt: '狐🦊', zprompt: '狐🦊' })
  })

  it('texts without their separators are passed over', () => {
    const broken = ['tEXt', 'zTXt', 'iTXt'].flatMap((type) => [chunk(type, latin1('')), chunk(type, latin1('key'))])
    expect(read(png(...broken, chunk('iTXt', latin1('key\0\0\0')), text('a', '')))).toEqual({ a: '' })
  })

  it('__proto__ is a keyword like any other', () => {
    expect(readPngTexts(png(text('__proto__', 'x')), inflateCapped).get('__proto__')).toBe('x')
  })
})

describe('insertPngTexts', () => {
  it('writes tEXt for Latin-1 and iTXt else, behind IHDR, with right checksums, and leaves the picture alone', () => {
    const bytes = insertPngTexts(
      png(),
      new Map([
        ['parameters', 'a fox'],
        ['workflow', '{"name":"狐"}'],
      ]),
    )
    const expected = [text('parameters', 'a fox'), chunk('iTXt', Buffer.from('workflow\0\0\0\0\0{"name":"狐"}'))]
    expect(Buffer.from(bytes)).toEqual(png(...expected))
  })

  it('replaces texts of the same keyword and keeps the others', () => {
    const before = png(text('workflow', 'old'), text('Author', 'x'), zipped('workflow', latin1('older')))
    const after = insertPngTexts(before, new Map([['workflow', 'new']]))
    expect(Buffer.from(after)).toEqual(png(text('workflow', 'new'), text('Author', 'x')))
  })

  it('leaves NUL out', () => {
    expect(read(insertPngTexts(png(), new Map([['a', 'x\0y']])))).toEqual({ a: 'xy' })
  })

  it.each(['', ' a', 'a ', 'a  b', 'a\0b', 'a\nb', '狐', 'x'.repeat(80)])('refuses the keyword %j', (keyword) => {
    expect(codeOf(() => insertPngTexts(png(), new Map([[keyword, 'x']])))).toBe('range')
  })

  it('any text comes back', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.string({ unit: 'grapheme' })), (texts) => {
        const wanted = Object.fromEntries(
          Object.entries(texts).map(([key, value]) => [key, value.replaceAll('\0', '')]),
        )
        expect(read(insertPngTexts(png(), new Map(Object.entries(texts))))).toEqual(wanted)
      }),
    )
  })
})

describe('fuzz', () => {
  it('random and changed bytes give texts or LoomError', () => {
    const valid = png(text('a', 'b'), zipped('c', latin1('d')), chunk('iTXt', latin1('e\0\0\0\0\0f')))
    const change = fc.tuple(fc.nat({ max: valid.length - 1 }), fc.nat({ max: 255 }))
    const attempt = (bytes: Uint8Array): void => {
      for (const run of [() => read(bytes), () => insertPngTexts(bytes, new Map([['a', 'z']]))]) {
        expect(['none', 'parse', 'limit']).toContain(codeOf(run))
      }
    }
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const bytes = Buffer.from(valid)
        for (const [at, value] of changes) bytes[at] = value
        attempt(bytes)
      }),
      { numRuns: 2000 },
    )
    fc.assert(fc.property(fc.uint8Array(), (tail) => attempt(Buffer.concat([signature, tail]))))
  })
})

describe('crc32', () => {
  it('equals the published check value and zlib', () => {
    expect(crc32(latin1('123456789'))).toBe(0xcbf43926)
    fc.assert(fc.property(fc.uint8Array(), (bytes) => crc32(bytes) === zlibCrc32(bytes)))
  })
})
