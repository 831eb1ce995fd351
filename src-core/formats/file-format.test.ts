import { describe, expect, it } from 'vitest'
import { fileFormatOf, headBytes, isPicture } from './file-format.ts'
import { encodeHeader } from './safetensors.ts'

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

describe('fileFormatOf', () => {
  it.each([
    ['png', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR'],
    ['jpg', '\xff\xd8\xff\xe0'],
    ['webp', 'RIFF\n\n\n\nWEBPVP8 '],
    ['pickle', '\x80\x02}q'],
    ['zip', 'PK\x03\x04\x14\0'],
    ['html', ' <!DOCTYPE html>'],
    ['json', '\xef\xbb\xbf\n{"format":'],
    ['json', '{"error":"é"}'],
    ['text', 'Steps: 4, Sampler: LCM'],
    ['other-picture', 'GIF89a\x01\0'],
    ['other-picture', '\0\0\0\x20ftypavif'],
    ['other-picture', 'II*\0\x08\0\0\0'],
    [undefined, ''],
  ])('tells %s by its content', (format, head) => {
    expect(fileFormatOf(latin1(head))).toBe(format)
  })

  it('knows a model by its header, whatever the name says', () => {
    const header = new Uint8Array(encodeHeader([], new Map()))
    for (const name of ['', 'a.safetensors', 'a.ckpt', 'a.png']) expect(fileFormatOf(header, name)).toBe('safetensors')
  })

  it('goes by the name only where it is given and the content does not tell', () => {
    const unknown = latin1('\xde\xad\xbe\xef')
    expect(fileFormatOf(unknown)).toBeUndefined()
    expect(fileFormatOf(unknown, 'models/a.CKPT')).toBe('pickle-name')
    expect(fileFormatOf(unknown, 'ckpt')).toBeUndefined()
    expect(fileFormatOf(latin1('PK\x03\x04'), 'a.pt')).toBe('pickle')
    expect(fileFormatOf(latin1('\xff\xd8\xff'), 'a.ckpt')).toBe('jpg')
  })

  it('looks no further than the head', () => {
    const late = latin1(`PK\x03\x04${' '.repeat(headBytes)}data.pkl`)
    expect(fileFormatOf(late)).toBe('zip')
  })
})

it('isPicture takes the formats that are served', () => {
  expect(['png', 'jpg', 'webp', 'gif', 'constructor', undefined].filter(isPicture)).toEqual(['png', 'jpg', 'webp'])
})
