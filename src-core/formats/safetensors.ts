import { LoomError } from '#core/errors.ts'
import { downloadAgain, HeaderScanner, quoted } from './safetensors-json.ts'

/** Bits of one element by dtype, in order of increasing alignment (safetensors 0.7, `Dtype`). */
const dtypeBits = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const

export type Dtype = keyof typeof dtypeBits

/** How a tensor lies in a file of torch, if not row by row and lowest byte first. */
export interface TensorLayout {
  /** Elements from one index of each axis to the next. */
  readonly strides: readonly number[]
  readonly bigEndian: boolean
}

export interface TensorInfo {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  /** Bytes from the start of the file. */
  readonly offset: number
  /** Bytes of the elements, without gaps. */
  readonly byteLength: number
  /** Never in a safetensors file. */
  readonly layout?: TensorLayout
}

export interface SafetensorsHeader {
  /** Tensors by name, in the order of their data in the file. */
  readonly tensors: ReadonlyMap<string, TensorInfo>
  readonly metadata: ReadonlyMap<string, string>
  /** Start of the data, in bytes from the start of the file. */
  readonly dataOffset: number
}

/** Description of a tensor to write. */
export interface TensorSpec {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
}

interface Entry extends TensorSpec {
  readonly begin: number
  readonly end: number
}

const lengthBytes = 8
const maxHeaderBytes = 100_000_000
const maxRank = 64
/** A hundred times the largest image model. Limits a hostile header to about a second and a few hundred MB. */
const maxNames = 250_000
const metadataKey = '__metadata__'

/** Bits of one element. */
export const bitsOf = (dtype: Dtype): number => dtypeBits[dtype]

const isDtype = (text: string): text is Dtype => Object.hasOwn(dtypeBits, text)

/**
 * Bytes of a tensor's data.
 * @throws LoomError `limit` above 2^53 - 1 bits, `parse` if sub-byte elements do not fill the last byte.
 */
export function tensorByteLength({ name, dtype, shape }: TensorSpec): number {
  let bits = 1
  for (const factor of [...shape, dtypeBits[dtype]]) {
    bits *= factor
    if (factor < 0 || !Number.isSafeInteger(bits)) {
      const message = `Tensor ${quoted(name)}: ${dtype} [${shape.join(', ')}] has no size that fits 2^53 bits.`
      throw new LoomError('limit', message, { hint: downloadAgain })
    }
  }
  if (bits % 8 !== 0) {
    const message = `Tensor ${quoted(name)}: ${dtype} [${shape.join(', ')}] does not fill whole bytes.`
    throw new LoomError('parse', message, { hint: downloadAgain })
  }
  return bits / 8
}

/**
 * Length of the JSON header in bytes, from the first eight bytes of a file of `fileSize` bytes.
 * @throws LoomError `parse` if the file is too short for it, `limit` above 100,000,000.
 */
export function readHeaderLength(first8: Uint8Array, fileSize: number): number {
  if (first8.length < lengthBytes || fileSize < lengthBytes) {
    throw new LoomError('parse', `A safetensors file begins with 8 bytes of length; this one has ${fileSize} in all.`, {
      hint: downloadAgain,
    })
  }
  const view = new DataView(first8.buffer, first8.byteOffset, lengthBytes)
  const length = view.getBigUint64(0, true)
  if (length > maxHeaderBytes) {
    throw new LoomError(
      'limit',
      `The safetensors header claims ${length} bytes; the format allows ${maxHeaderBytes}.`,
      {
        hint: 'The file is probably no safetensors file, whatever its name says. Download it again.',
      },
    )
  }
  if (length > fileSize - lengthBytes) {
    const message = `The safetensors header claims ${length} bytes, but only ${fileSize - lengthBytes} follow.`
    throw new LoomError('parse', message, { hint: downloadAgain })
  }
  if (length < 2n) {
    throw new LoomError('parse', `The safetensors header claims ${length} bytes; the shortest one has 2.`, {
      hint: downloadAgain,
    })
  }
  return Number(length)
}

/**
 * Parses the header of a safetensors file of `fileSize` bytes, from its JSON bytes (after the eight bytes of length).
 *
 * Makes the checks of the specification: duplicate names at every level and overflowing products are refused, and the
 * tensors must cover the data to the last byte of the file without hole or overlap. White space around the JSON is
 * allowed, as in the reference implementation's tests. Tensors may come in any order. Empty ones may share an offset.
 * @see https://github.com/huggingface/safetensors#format
 * @throws LoomError `parse` or `limit`, naming the tensor.
 */
export function parseHeader(header: Uint8Array, fileSize: number): SafetensorsHeader {
  if (header.length > maxHeaderBytes) {
    const message = `The safetensors header has ${header.length} bytes; the format allows ${maxHeaderBytes}.`
    throw new LoomError('limit', message, { hint: downloadAgain })
  }
  const { entries, metadata } = readEntries(decode(header))
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)

  const dataOffset = lengthBytes + header.length
  const tensors = new Map<string, TensorInfo>()
  let covered = 0
  for (const entry of entries) {
    checkPlace(entry, covered)
    covered = entry.end
    const { name, dtype, shape, begin } = entry
    tensors.set(name, { dtype, shape, offset: dataOffset + begin, byteLength: covered - begin })
  }
  checkCovered(covered, fileSize - dataOffset)
  return { tensors, metadata, dataOffset }
}

function decode(header: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header)
  } catch (cause) {
    throw new LoomError('parse', 'The safetensors header is not UTF-8 text.', { hint: downloadAgain, cause })
  }
}

function readEntries(text: string): { entries: Entry[]; metadata: Map<string, string> } {
  const scanner = new HeaderScanner(text)
  const entries: Entry[] = []
  const metadata = new Map<string, string>()
  const names = new Set<string>()
  scanner.object((name) => {
    if (names.has(name)) scanner.fail('the name stands twice')
    if (names.size === maxNames) scanner.fail(`there are more than ${maxNames} tensors`, 'limit')
    names.add(name)
    if (name === metadataKey) readMetadata(scanner, metadata)
    else entries.push(readEntry(scanner, name))
  })
  scanner.end()
  return { entries, metadata }
}

function readMetadata(scanner: HeaderScanner, metadata: Map<string, string>): void {
  if (scanner.take('null')) return
  scanner.object((name) => {
    if (metadata.has(name)) scanner.fail('the name stands twice')
    if (metadata.size === maxNames) scanner.fail(`there are more than ${maxNames} texts`, 'limit')
    metadata.set(name, scanner.string())
  })
}

function readEntry(scanner: HeaderScanner, name: string): Entry {
  let dtype: Dtype | undefined
  let shape: number[] | undefined
  let offsets: number[] | undefined
  scanner.object((field) => {
    if (field === 'dtype' && dtype === undefined) {
      const text = scanner.string()
      if (!isDtype(text)) scanner.fail(`the dtype ${quoted(text)} is unknown`)
      dtype = text
    } else if (field === 'shape' && shape === undefined) {
      shape = scanner.unsignedList(maxRank)
    } else if (field === 'data_offsets' && offsets === undefined) {
      offsets = scanner.unsignedList(2)
    } else {
      scanner.fail('the field stands twice or is none of dtype, shape and data_offsets')
    }
  })
  const [begin, end] = offsets ?? []
  if (dtype === undefined || shape === undefined || begin === undefined || end === undefined) {
    return scanner.fail('the tensor lacks its dtype, its shape or its two data_offsets')
  }
  return { name, dtype, shape, begin, end }
}

/** `covered` is the end of the data of the tensors before this one. */
function checkPlace(entry: Entry, covered: number): void {
  const { name, dtype, shape, begin, end } = entry
  const fail = (what: string): never => {
    throw new LoomError('parse', `Tensor ${quoted(name)}, data_offsets [${begin}, ${end}]: ${what}.`, {
      hint: downloadAgain,
    })
  }
  if (end < begin) fail('it ends before it begins')
  if (begin < covered) fail(`it overlaps the data before it, which ends at ${covered}`)
  if (begin > covered) fail(`it leaves a hole of ${begin - covered} bytes before it`)
  const bytes = tensorByteLength(entry)
  if (end - begin !== bytes) fail(`${dtype} [${shape.join(', ')}] needs ${bytes} bytes, not ${end - begin}`)
}

function checkCovered(covered: number, available: number): void {
  if (covered === available) return
  const message =
    covered > available
      ? `The safetensors file is cut off: its tensors need ${covered} bytes of data, but ${available} are there.`
      : `The safetensors file has ${available - covered} bytes behind its last tensor, which the format forbids.`
  throw new LoomError('parse', message, { hint: downloadAgain })
}

const dtypes = Object.keys(dtypeBits)

/** The order of tensors in a file: by element size, largest first, so that each is aligned, then by name. */
export function byAlignment(a: TensorSpec, b: TensorSpec): number {
  return dtypes.indexOf(b.dtype) - dtypes.indexOf(a.dtype) || (a.name < b.name ? -1 : Number(a.name > b.name))
}

/**
 * The eight bytes of length and the JSON header, for tensors that follow in the given order. The header is padded with
 * spaces so that the data begins at a multiple of `alignment`, which is one of 8.
 * @throws LoomError `range` for a name that the format cannot hold, `limit` above 100,000,000 bytes.
 */
export function encodeHeader(
  tensors: Iterable<TensorSpec>,
  metadata: ReadonlyMap<string, string>,
  alignment = lengthBytes,
): Uint8Array {
  const members: string[] = []
  if (metadata.size > 0) {
    const texts = Array.from(metadata, ([key, value]) => `${encodeText(key)}:${encodeText(value)}`)
    members.push(`"${metadataKey}":{${texts.join(',')}}`)
  }
  const names = new Set([metadataKey])
  let begin = 0
  for (const tensor of tensors) {
    if (names.has(tensor.name)) {
      throw new LoomError('range', `A safetensors file cannot hold a second tensor named ${quoted(tensor.name)}.`)
    }
    names.add(tensor.name)
    const end = begin + tensorByteLength(tensor)
    const shape = tensor.shape.join(',')
    members.push(
      `${encodeText(tensor.name)}:{"dtype":"${tensor.dtype}","shape":[${shape}],"data_offsets":[${begin},${end}]}`,
    )
    begin = end
  }
  const json = new TextEncoder().encode(`{${members.join(',')}}`)
  const length = Math.ceil((lengthBytes + json.length) / alignment) * alignment - lengthBytes
  if (length > maxHeaderBytes) {
    const message = `The safetensors header would have ${length} bytes; the format allows ${maxHeaderBytes}.`
    throw new LoomError('limit', message, { hint: 'Store less metadata.' })
  }
  const bytes = new Uint8Array(lengthBytes + length).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(json, lengthBytes)
  return bytes
}

function encodeText(text: string): string {
  if (!text.isWellFormed()) {
    throw new LoomError('range', `A safetensors file cannot hold ${quoted(text)}: half a surrogate pair.`)
  }
  return JSON.stringify(text)
}
