import { LoomError } from '#core/errors.ts'
import { type ByteSource, byteSource } from './byte-source.ts'
import { crc32 } from './crc32.ts'
import { exifTexts } from './exif.ts'
import { latin1 } from './latin1.ts'
import { TextRoom } from './text-room.ts'

/**
 * Inflates zlib data to at most `maxBytes`.
 * @throws LoomError `limit` if there is more, `parse` if the data are damaged.
 */
export type Inflate = (deflated: Uint8Array, maxBytes: number) => Uint8Array

interface Chunk {
  readonly type: string
  /** Offsets of the whole chunk in the file, including length and checksum. */
  readonly start: number
  readonly end: number
}

/** Keyword of the text that carries a workflow document. */
export const documentKeyword = 'latent-loom'

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const headerEnd = signature.length + 12 + 13

const beyondLatin1 = /[\u0100-\uffff]/
/** PNG 11.3.3: 1 to 79 printable Latin-1 characters, without leading, trailing or consecutive spaces. */
const validKeyword = /^(?! )(?!.* {2})[\x20-\x7e\xa1-\xff]{1,79}(?<! )$/

/**
 * The texts of a PNG file by keyword: tEXt, zTXt, iTXt, and those in an Exif block. The last of equal keywords wins.
 * Tolerant, because files pass through many programs: ignores wrong checksums, a truncated end, damaged texts and bytes
 * after the end.
 * @see https://www.w3.org/TR/png-3/#11textinfo
 * @throws LoomError `parse` if it is no PNG file, `limit` above 16 MiB or 100,000 texts.
 */
export function readPngTexts(content: Uint8Array | ByteSource, inflate: Inflate): Map<string, string> {
  const source = byteSource(content)
  checkSignature(source)
  const texts = new Map<string, string>()
  const room = new TextRoom('PNG file')
  for (const { type, start, end } of chunks(source)) {
    const read = readers.get(type)
    if (read === undefined) continue
    room.count()
    // what is too long even as it is stored is not read
    if (end - start - 12 > room.left) room.take(end - start - 12, type)
    const data = source.read(start + 8, end - 4)
    for (const entry of read(data, (deflated) => inflateWithin(inflate, deflated, room.left))) {
      room.take(entry.bytes, entry.keyword)
      texts.set(entry.keyword, entry.text)
    }
  }
  return texts
}

function checkSignature(source: ByteSource): void {
  const head = source.read(0, signature.length)
  if (signature.some((byte, index) => head[index] !== byte)) {
    throw new LoomError('parse', 'The file is not a PNG file.', {
      hint: 'Use the PNG file as Latent Loom saved it; a copy from a web page is often another format.',
    })
  }
}

/** The chunks up to IEND or to the first truncated one. */
function* chunks(source: ByteSource): Generator<Chunk> {
  let start = signature.length
  while (start + 12 <= source.size) {
    const head = source.read(start, start + 8)
    if (head.length < 8) return
    const end = start + 12 + new DataView(head.buffer, head.byteOffset).getUint32(0)
    if (end > source.size) return
    const type = latin1(head.subarray(4))
    yield { type, start, end }
    if (type === 'IEND') return
    start = end
  }
}

interface TextEntry {
  readonly keyword: string
  readonly text: string
  readonly bytes: number
}

type Reader = (data: Uint8Array, inflate: (deflated: Uint8Array) => Uint8Array | undefined) => TextEntry[]

/** Readers by chunk type. A damaged chunk gives nothing. */
const readers = new Map<string, Reader>([
  [
    'tEXt',
    (data) => {
      const [keyword, text] = splitAtNul(data)
      return text ? [entry(keyword, text, latin1(text))] : []
    },
  ],
  [
    'zTXt',
    (data, inflate) => {
      const [keyword, rest] = splitAtNul(data)
      const text = rest?.[0] === 0 ? inflate(rest.subarray(1)) : undefined
      return text ? [entry(keyword, text, latin1(text))] : []
    },
  ],
  [
    'iTXt',
    (data, inflate) => {
      const [keyword, rest] = splitAtNul(data)
      if (rest === undefined) return []
      const [, afterLanguage] = splitAtNul(rest.subarray(2))
      const [, body] = splitAtNul(afterLanguage ?? new Uint8Array())
      const text = body && rest[0] === 1 ? inflate(body) : body
      return text ? [entry(keyword, text, new TextDecoder().decode(text))] : []
    },
  ],
  ['eXIf', (data) => Array.from(exifTexts(data), ([keyword, text]) => ({ keyword, text, bytes: text.length }))],
])

const entry = (keyword: Uint8Array, text: Uint8Array, decoded: string): TextEntry => ({
  keyword: latin1(keyword),
  text: decoded,
  bytes: text.length,
})

function splitAtNul(data: Uint8Array): [Uint8Array, Uint8Array | undefined] {
  const at = data.indexOf(0)
  return at < 0 ? [data, undefined] : [data.subarray(0, at), data.subarray(at + 1)]
}

function inflateWithin(inflate: Inflate, deflated: Uint8Array, maxBytes: number): Uint8Array | undefined {
  try {
    return inflate(deflated, maxBytes)
  } catch (error) {
    if (error instanceof LoomError && error.code === 'parse') return undefined
    throw error
  }
}

/**
 * The PNG file with the texts after IHDR. They replace its texts with equal keywords. A text is tEXt if it is Latin-1,
 * otherwise iTXt. NUL is removed, because neither allows it.
 * @throws LoomError `parse` if it is no PNG file, `range` for a keyword that PNG does not allow.
 */
export function insertPngTexts(bytes: Uint8Array, texts: ReadonlyMap<string, string>): Uint8Array {
  const source = byteSource(bytes)
  checkSignature(source)
  const [header, ...rest] = chunks(source)
  if (header?.type !== 'IHDR' || header.end !== headerEnd) {
    throw new LoomError('parse', 'The PNG file does not begin with its header chunk IHDR.')
  }
  const parts = [bytes.subarray(0, headerEnd), ...Array.from(texts, ([keyword, text]) => textChunk(keyword, text))]
  let keptFrom = headerEnd
  for (const { type, start, end } of rest) {
    if (!readers.has(type) || !texts.has(latin1(splitAtNul(bytes.subarray(start + 8, end - 4))[0]))) continue
    parts.push(bytes.subarray(keptFrom, start))
    keptFrom = end
  }
  parts.push(bytes.subarray(keptFrom))
  return concat(parts)
}

function textChunk(keyword: string, text: string): Uint8Array {
  if (!validKeyword.test(keyword)) {
    throw new LoomError('range', `A PNG text cannot have the keyword ${JSON.stringify(keyword)}.`, {
      hint: 'Use 1 to 79 Latin-1 characters without spaces at the ends.',
    })
  }
  const clean = text.replaceAll('\0', '')
  return beyondLatin1.test(clean)
    ? chunk('iTXt', [fromLatin1(`${keyword}\0\0\0\0\0`), new TextEncoder().encode(clean)])
    : chunk('tEXt', [fromLatin1(`${keyword}\0${clean}`)])
}

function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index)
  return bytes
}

function chunk(type: string, data: readonly Uint8Array[]): Uint8Array {
  const body = concat([new Uint8Array(4), fromLatin1(type), ...data, new Uint8Array(4)])
  const view = new DataView(body.buffer)
  view.setUint32(0, body.length - 12)
  view.setUint32(body.length - 4, crc32(body.subarray(4, body.length - 4)))
  return body
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
