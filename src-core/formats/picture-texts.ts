import type { ByteSource } from './byte-source.ts'
import { decodeText, exifTexts } from './exif.ts'
import type { PictureFormat } from './file-format.ts'
import { latin1 } from './latin1.ts'
import { type Inflate, readPngTexts } from './png.ts'
import { TextRoom } from './text-room.ts'
import { xmpKeyword, xmpTexts } from './xmp.ts'

type Reader = (source: ByteSource, inflate: Inflate) => Map<string, string>

const readers: Record<PictureFormat, Reader> = { png: readPngTexts, jpg: readJpegTexts, webp: readWebpTexts }

/**
 * The texts in a picture by name: keywords of PNG texts, names of Exif tags (`UserComment`), `Comment` of a JPEG, and
 * properties of XMP. Reads no pixels. Damaged parts are passed over.
 * @throws LoomError `limit` above 16 MiB or 100,000 texts
 */
export function readPictureTexts(source: ByteSource, format: PictureFormat, inflate: Inflate): Map<string, string> {
  const texts = readers[format](source, inflate)
  for (const [name, text] of xmpTexts(texts.get(xmpKeyword) ?? '')) if (!texts.has(name)) texts.set(name, text)
  return texts
}

const xmpStart = 'http://ns.adobe.com/xap/1.0/\0'

/** APP1 (Exif, XMP) and comments, up to the pixels (ITU T.81, B.1.1). */
function readJpegTexts(source: ByteSource): Map<string, string> {
  const texts = new Map<string, string>()
  const room = new TextRoom('JPEG file')
  let at = 2
  for (;;) {
    const head = source.read(at, at + 4)
    const [first, marker = 0xd9, high = 0, low = 0] = head
    if (head.length < 4 || first !== 0xff) return texts
    if (marker === 0xff) {
      at += 1
      continue
    }
    // pixels, or the end
    if (marker === 0xda || marker === 0xd9) return texts
    room.count()
    const end = at + 2 + high * 256 + low
    if (marker === 0xe1 || marker === 0xfe) {
      const data = source.read(at + 4, end)
      room.take(data.length, marker === 0xfe ? 'Comment' : 'APP1')
      if (marker === 0xfe) addNew(texts, [['Comment', decodeText(data)]])
      else if (latin1(data.subarray(0, xmpStart.length)) === xmpStart) {
        addNew(texts, [[xmpKeyword, decodeText(data.subarray(xmpStart.length))]])
      } else if (latin1(data.subarray(0, 4)) === 'Exif') addNew(texts, exifTexts(data))
    }
    at = Math.max(end, at + 4)
  }
}

/** The chunks EXIF and XMP (RFC 9649). */
function readWebpTexts(source: ByteSource): Map<string, string> {
  const texts = new Map<string, string>()
  const room = new TextRoom('WebP file')
  for (let at = 12; ; ) {
    const head = source.read(at, at + 8)
    if (head.length < 8) return texts
    room.count()
    const type = latin1(head.subarray(0, 4))
    const size = new DataView(head.buffer, head.byteOffset).getUint32(4, true)
    if (type === 'EXIF' || type === 'XMP ') {
      room.take(Math.min(size, source.size - at), type)
      const data = source.read(at + 8, at + 8 + size)
      addNew(texts, type === 'EXIF' ? exifTexts(data) : [[xmpKeyword, decodeText(data)]])
    }
    at += 8 + size + (size % 2)
  }
}

function addNew(texts: Map<string, string>, more: Iterable<readonly [string, string]>): void {
  for (const [name, text] of more) if (!texts.has(name)) texts.set(name, text)
}
