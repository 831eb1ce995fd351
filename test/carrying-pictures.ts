import { deflateSync } from 'node:zlib'
import { crc32 } from '#core/formats/crc32.ts'

/** The smallest pictures of each format that carry texts, built byte by byte. Their pixels are never decoded. */

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([latin1(type), data])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([size, body, check])
}

const signature = latin1('\x89PNG\r\n\x1a\n')
const header = chunk('IHDR', Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0))
const pixels = chunk('IDAT', deflateSync(Uint8Array.of(0, 0)))
const end = chunk('IEND', new Uint8Array())

const png = (before: readonly Uint8Array[], after: readonly Uint8Array[] = []): Buffer =>
  Buffer.concat([signature, header, ...before, pixels, ...after, end])

type Texts = Readonly<Record<string, string>>

const asText = (texts: Texts) => Object.entries(texts).map(([key, text]) => chunk('tEXt', latin1(`${key}\0${text}`)))
const asInternational = (texts: Texts) =>
  Object.entries(texts).map(([key, text]) => chunk('iTXt', Buffer.from(`${key}\0\0\0\0\0${text}`)))
const asCompressed = (texts: Texts) =>
  Object.entries(texts).map(([key, text]) =>
    chunk('zTXt', Buffer.concat([latin1(`${key}\0\0`), deflateSync(latin1(text))])),
  )

/** Places for several texts, each under its keyword. */
export const textPlaces: Readonly<Record<string, (texts: Texts) => Buffer>> = {
  'tEXt of a PNG': (texts) => png(asText(texts)),
  'iTXt of a PNG': (texts) => png(asInternational(texts)),
  'zTXt of a PNG': (texts) => png(asCompressed(texts)),
  'tEXt behind the pixels of a PNG': (texts) => png([], asText(texts)),
}

const jpeg = (...segments: readonly (readonly [marker: number, data: Uint8Array])[]): Buffer =>
  Buffer.concat([
    Uint8Array.of(0xff, 0xd8),
    ...segments.map(([marker, data]) => {
      const head = Buffer.from([0xff, marker, 0, 0])
      head.writeUInt16BE(data.length + 2, 2)
      return Buffer.concat([head, data])
    }),
    Uint8Array.of(0xff, 0xda, 0, 2, 0xff, 0xd9),
  ])

function webp(...chunks: readonly (readonly [type: string, data: Uint8Array])[]): Buffer {
  const body = Buffer.concat(
    chunks.map(([type, data]) => {
      const size = Buffer.alloc(4)
      size.writeUInt32LE(data.length)
      return Buffer.concat([latin1(type), size, data, Buffer.alloc(data.length % 2)])
    }),
  )
  const size = Buffer.alloc(4)
  size.writeUInt32LE(body.length + 4)
  return Buffer.concat([latin1('RIFF'), size, latin1('WEBP'), body])
}

interface Tag {
  readonly tag: number
  readonly type: number
  readonly data: Uint8Array
}

/** A TIFF block with one directory, or with the tags in the Exif directory behind it. */
export function exif(tags: readonly Tag[], { little = false, nested = true } = {}): Buffer {
  const two = (value: number) => (little ? [value & 255, value >> 8] : [value >> 8, value & 255])
  const four = (value: number) =>
    little ? [...two(value & 65535), ...two(value >>> 16)] : [...two(value >>> 16), ...two(value & 65535)]
  const at = nested ? 26 : 8
  let free = at + 2 + 12 * tags.length + 4
  const entries = tags.flatMap(({ tag, type, data }) => {
    const place = free
    free += data.length
    return [...two(tag), ...two(type), ...four(data.length), ...four(place)]
  })
  const pointer = nested ? [...two(1), ...two(0x8769), ...two(4), ...four(1), ...four(at), ...four(0)] : []
  const head = [...latin1(little ? 'II' : 'MM'), ...two(42), ...four(8)]
  return Buffer.concat([
    Uint8Array.from([...head, ...pointer, ...two(tags.length), ...entries, ...four(0)]),
    ...tags.map(({ data }) => data),
  ])
}

const userComment = (code: string, text: Uint8Array, type = 7): Tag[] => [
  { tag: 0x9286, type, data: Buffer.concat([latin1(code), text]) },
]
const utf16 = (text: string, little: boolean): Buffer =>
  little ? Buffer.from(text, 'utf16le') : Buffer.from(text, 'utf16le').swap16()
const app1 = (block: Uint8Array): readonly [number, Uint8Array] => [0xe1, Buffer.concat([latin1('Exif\0\0'), block])]

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;').replace(/\n/g, '&#10;')
const xmp = (inside: string, attributes = ''): Buffer =>
  Buffer.from(`<x:xmpmeta><rdf:RDF><rdf:Description ${attributes}>${inside}</rdf:Description></rdf:RDF></x:xmpmeta>`)
const comment = (text: string): string =>
  `<exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">${escaped(text)}</rdf:li></rdf:Alt></exif:UserComment>`
const xmpStart = latin1('http://ns.adobe.com/xap/1.0/\0')

/** Places for one text, which programs use outside PNG. */
export const commentPlaces: Readonly<Record<string, (text: string) => Buffer>> = {
  'Exif of a JPEG, UTF-16 as the block': (text) =>
    jpeg(app1(exif(userComment('UNICODE\0', utf16(text, true)), { little: true }))),
  'Exif of a JPEG, UTF-16 unlike the block': (text) =>
    jpeg(app1(exif(userComment('UNICODE\0', utf16(text, false)), { little: true }))),
  'Exif of a JPEG, the last letter missing its half': (text) =>
    jpeg(app1(exif(userComment('UNICODE\0', Buffer.concat([utf16(text, false), Uint8Array.of(0)])), {}))),
  'Exif of a JPEG, ASCII': (text) => jpeg(app1(exif(userComment('ASCII\0\0\0', Buffer.from(text))))),
  'Exif of a JPEG, encoding not said': (text) =>
    jpeg(
      [0xe0, latin1('JFIF\0\x01\x01\0\0\x01\0\x01\0\0')],
      app1(exif(userComment('\0'.repeat(8), Buffer.from(text)))),
    ),
  'Exif of a JPEG, no code, in the main directory': (text) =>
    jpeg(app1(exif(userComment('', Buffer.from(`${text}\0`), 2), { nested: false }))),
  'the comment of a JPEG': (text) => jpeg([0xfe, Buffer.from(text)]),
  'XMP of a JPEG': (text) => jpeg([0xe1, Buffer.concat([xmpStart, xmp(comment(text))])]),
  'Exif of a WebP': (text) =>
    webp(['VP8 ', Buffer.alloc(5)], ['EXIF', exif(userComment('UNICODE\0', utf16(text, false)))]),
  'Exif of a WebP, with the head of a JPEG': (text) =>
    webp(['EXIF', Buffer.concat([latin1('Exif\0\0'), exif(userComment('UNICODE\0', utf16(text, false)))])]),
  'XMP of a WebP': (text) => webp(['XMP ', xmp('', `exif:UserComment="${escaped(text)}"`)]),
  'Exif of a PNG': (text) => png([chunk('eXIf', exif(userComment('UNICODE\0', utf16(text, false))))]),
  'XMP of a PNG': (text) => png(asInternational({ 'XML:com.adobe.xmp': String(xmp(comment(text))) })),
}

/** ComfyUI's way: tags of the camera, each with the name of the text. */
export const labelled = (tags: Readonly<Record<number, string>>): Buffer =>
  webp([
    'EXIF',
    exif(
      Object.entries(tags).map(([tag, text]) => ({ tag: Number(tag), type: 2, data: Buffer.from(`${text}\0`) })),
      { nested: false },
    ),
  ])

/** The tool that made a picture, as XMP says it. */
export const madeWith = (tool: string): Buffer =>
  png(asInternational({ 'XML:com.adobe.xmp': String(xmp(`<xmp:CreatorTool>${tool}</xmp:CreatorTool>`)) }))
