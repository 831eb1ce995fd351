import { LoomError } from '#core/errors.ts'

/** Bytes that are read piece by piece, as a file is. */
export interface RandomAccess {
  readonly size: number
  /** The bytes from `start` to `end`. Both lie within the file. */
  read(start: number, end: number): Promise<Uint8Array>
}

export interface ZipEntry {
  /** Bytes of the content. */
  readonly size: number
  /** Whether the content is in the file as it is. */
  readonly stored: boolean
  /** Where its local header begins. */
  readonly header: number
}

const endSize = 22
const maxComment = 65_535
const maxDirectory = 64 * 2 ** 20
const maxEntries = 250_000
const localSize = 30

const marks = { end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50, entry: 0x02014b50, local: 0x04034b50 }

const damaged = (what: string): LoomError =>
  new LoomError('parse', `The zip file is damaged or cut off: ${what}.`, { hint: 'Download the file again.' })

/**
 * The entries of a zip file by name, from its directory alone.
 * @see APPNOTE.TXT of PKWARE, 4.3 and 4.5.3
 * @throws LoomError `parse` if it is damaged or names a file twice, `limit` for a huge directory
 */
export async function readZipDirectory(file: RandomAccess): Promise<Map<string, ZipEntry>> {
  const { count, start, size } = await findDirectory(file)
  if (size > maxDirectory || count > maxEntries) {
    throw new LoomError('limit', `The zip file has ${count} entries in a directory of ${size} bytes.`)
  }
  if (start + size > file.size) throw damaged('its directory lies outside of it')
  const directory = await file.read(start, start + size)
  const view = viewOf(directory)
  const entries = new Map<string, ZipEntry>()
  let at = 0
  for (let index = 0; index < count; index++) {
    if (at + 46 > size || view.getUint32(at, true) !== marks.entry)
      throw damaged('an entry of its directory is missing')
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)]
    const [nameSize, extraSize, commentSize] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [
      number,
      number,
      number,
    ]
    const nameEnd = at + 46 + nameSize
    const next = nameEnd + extraSize + commentSize
    if (next > size) throw damaged('an entry of its directory is cut off')
    const name = new TextDecoder().decode(directory.subarray(at + 46, nameEnd))
    const [compressed, full, header] = fullSizes(view, at, nameEnd, extraSize)
    if (flags & 1) throw new LoomError('unsupported', 'The zip file is encrypted.', { hint: 'Unpack it first.' })
    if (entries.has(name)) throw damaged(`it names ${JSON.stringify(name)} twice`)
    if (header + localSize + compressed > start) throw damaged(`${JSON.stringify(name)} lies outside of it`)
    entries.set(name, { size: full, stored: method === 0 && compressed === full, header })
    at = next
  }
  return entries
}

/**
 * Where the content of an entry begins.
 * @throws LoomError `parse` if its local header is damaged
 */
export async function contentStart(file: RandomAccess, { header, size }: ZipEntry): Promise<number> {
  const view = viewOf(await file.read(header, header + localSize))
  if (view.getUint32(0, true) !== marks.local) throw damaged('the header of an entry is missing')
  const start = header + localSize + view.getUint16(26, true) + view.getUint16(28, true)
  if (start + size > file.size) throw damaged('an entry lies outside of it')
  return start
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

async function findDirectory(file: RandomAccess): Promise<{ count: number; start: number; size: number }> {
  const from = Math.max(0, file.size - endSize - maxComment)
  const tail = viewOf(await file.read(from, file.size))
  for (let at = tail.byteLength - endSize; at >= 0; at--) {
    if (tail.getUint32(at, true) !== marks.end || at + endSize + tail.getUint16(at + 20, true) !== tail.byteLength)
      continue
    return (
      (await findLongDirectory(file, from + at)) ?? {
        count: tail.getUint16(at + 10, true),
        size: tail.getUint32(at + 12, true),
        start: tail.getUint32(at + 16, true),
      }
    )
  }
  throw damaged('its directory is missing')
}

/** The directory of a file with entries beyond 4 GB, if it has one. */
async function findLongDirectory(file: RandomAccess, end: number) {
  if (end < 20) return undefined
  const locator = viewOf(await file.read(end - 20, end))
  if (locator.getUint32(0, true) !== marks.locator64) return undefined
  const at = Number(locator.getBigUint64(8, true))
  if (at + 56 > file.size) throw damaged('its directory is missing')
  const record = viewOf(await file.read(at, at + 56))
  if (record.getUint32(0, true) !== marks.end64) throw damaged('its directory is missing')
  const [count, size, start] = [32, 40, 48].map((field) => Number(record.getBigUint64(field, true))) as [
    number,
    number,
    number,
  ]
  return { count, size, start }
}

/** Compressed size, size and place of an entry; numbers that do not fit 32 bits stand in an extra field. */
function fullSizes(view: DataView, at: number, extra: number, extraSize: number): [number, number, number] {
  const short = [24, 20, 42].map((field) => view.getUint32(at + field, true))
  let long: number[] = []
  for (let field = extra; field + 4 <= extra + extraSize; ) {
    const size = view.getUint16(field + 2, true)
    if (view.getUint16(field, true) === 1) {
      const numbers = Math.floor(Math.min(size, extra + extraSize - field - 4) / 8)
      long = Array.from({ length: numbers }, (_, index) => Number(view.getBigUint64(field + 4 + index * 8, true)))
    }
    field += 4 + size
  }
  const [full = 0, compressed = 0, header = 0] = short.map((value) => {
    if (value !== 0xffffffff) return value
    const number = long.shift()
    if (number === undefined) throw damaged('the size of an entry is missing')
    return number
  })
  return [compressed, full, header]
}
