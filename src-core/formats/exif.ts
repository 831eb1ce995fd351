/** Tags that hold text, by their numbers (Exif 3.0, TIFF 6.0). */
const names: ReadonlyMap<number, string> = new Map([
  [0x010d, 'DocumentName'],
  [0x010e, 'ImageDescription'],
  [0x010f, 'Make'],
  [0x0110, 'Model'],
  [0x0131, 'Software'],
  [0x013b, 'Artist'],
  [0x8298, 'Copyright'],
  [0x9286, 'UserComment'],
])
const exifPointer = 0x8769
const userComment = 0x9286
/** Tags of one directory that are looked at. */
const maxTags = 1000

/** Types with one byte for each count: BYTE, ASCII, UNDEFINED, UTF-8. */
const textTypes = new Set([1, 2, 7, 129])

/** A text that stands for a PNG text: ComfyUI's nodes write `workflow:{...}` into tags of the camera. */
const labelled = /^([A-Za-z][\w-]*):\s*(?=\{)/

/**
 * The texts of an Exif block by the names of their tags. A text of the form `workflow: {...}` gets its label as name,
 * in lower case. Damaged and unknown tags are passed over.
 * @param block TIFF data, perhaps after `Exif\0\0`
 */
export function exifTexts(block: Uint8Array): Map<string, string> {
  const texts = new Map<string, string>()
  const start = [0x45, 0x78, 0x69, 0x66, 0, 0].every((byte, index) => block[index] === byte) ? 6 : 0
  const tiff = block.subarray(start)
  if (tiff.length < 8) return texts
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  const order = view.getUint16(0)
  if (order !== 0x4949 && order !== 0x4d4d) return texts
  const little = order === 0x4949
  const directories = [view.getUint32(4, little)]
  /** Texts that share bytes, many times over, are made to exhaust memory. */
  let room = tiff.length
  // the main directory, then the one that it points to
  for (const at of directories) {
    for (const { tag, type, count, place } of tagsAt(view, at, little)) {
      if (tag === exifPointer && directories.length === 1) directories.push(view.getUint32(place, little))
      const name = names.get(tag)
      if (name === undefined || !textTypes.has(type)) continue
      const from = count <= 4 ? place : view.getUint32(place, little)
      if (from + count > tiff.length || count > room) continue
      room -= count
      const data = tiff.subarray(from, from + count)
      const text = tag === userComment ? decodeComment(data, little) : decodeText(data)
      const label = labelled.exec(text)
      if (label) texts.set((label[1] ?? '').toLowerCase(), text.slice(label[0].length))
      else if (text !== '') texts.set(name, text)
    }
  }
  return texts
}

interface Tag {
  readonly tag: number
  readonly type: number
  readonly count: number
  /** Where the value is, or its offset. */
  readonly place: number
}

function* tagsAt(view: DataView, at: number, little: boolean): Generator<Tag> {
  if (at + 2 > view.byteLength) return
  const count = Math.min(view.getUint16(at, little), maxTags)
  for (let index = 0; index < count; index++) {
    const start = at + 2 + index * 12
    if (start + 12 > view.byteLength) return
    yield {
      tag: view.getUint16(start, little),
      type: view.getUint16(start + 2, little),
      count: view.getUint32(start + 4, little),
      place: start + 8,
    }
  }
}

const trimNul = (text: string): string => text.replace(/\0+$/, '').trim()

/** UTF-8, as programs of today write, or else Latin-1. */
export function decodeText(data: Uint8Array): string {
  try {
    return trimNul(new TextDecoder('utf-8', { fatal: true }).decode(data))
  } catch {
    return trimNul(Array.from(data, (byte) => String.fromCharCode(byte)).join(''))
  }
}

/** A UserComment: eight bytes that name the encoding, then the text. Some programs leave the eight bytes out. */
function decodeComment(data: Uint8Array, little: boolean): string {
  const code = String.fromCharCode(...data.subarray(0, 8))
  const rest = data.subarray(8)
  if (code.startsWith('UNICODE')) {
    const whole = rest.subarray(0, rest.length & ~1)
    return trimNul(new TextDecoder(utf16Of(whole, little)).decode(whole))
  }
  return decodeText(/^(ASCII|JIS)?\0+$/.test(code) ? rest : data)
}

/** The byte order of a UTF-16 text. Many programs write another one than the block's, so zeros of Latin letters decide. */
function utf16Of(data: Uint8Array, little: boolean): 'utf-16le' | 'utf-16be' {
  let [even, odd] = [0, 0]
  for (let at = 0; at + 1 < data.length; at += 2) {
    if (data[at] === 0) even++
    if (data[at + 1] === 0) odd++
  }
  if (even !== odd) return even > odd ? 'utf-16be' : 'utf-16le'
  return little ? 'utf-16le' : 'utf-16be'
}
