import type { Api } from './api.ts'
import { type Address, pathEncoding } from './api-table.ts'

/**
 * C strings and the array of their addresses, in one block: whoever holds the block holds the strings.
 * @param encoding of the characters; ORT's paths have their own
 */
export function stringArray(
  api: Pick<Api, 'address'>,
  texts: readonly string[],
  encoding: 'utf8' | 'utf16le' = 'utf8',
): Uint8Array {
  const strings = texts.map((text) => Buffer.from(`${text}\0`, encoding))
  const pointers = texts.length * BigUint64Array.BYTES_PER_ELEMENT
  const block = new Uint8Array(strings.reduce((sum, { length }) => sum + length, pointers))
  const addresses = new BigUint64Array(block.buffer, 0, texts.length)
  const start = api.address(block)
  let at = pointers
  for (const [index, string] of strings.entries()) {
    block.set(string, at)
    addresses[index] = start + BigInt(at)
    at += string.length
  }
  return block
}

/** The keys and values of a record, as two arrays of C strings. */
export function entryArrays(api: Pick<Api, 'address'>, entries: Readonly<Record<string, string>>) {
  return {
    keys: stringArray(api, Object.keys(entries)),
    values: stringArray(api, Object.values(entries)),
    count: Object.keys(entries).length,
  }
}

/** Paths as ONNX Runtime takes them. */
export function pathArray(api: Pick<Api, 'address'>, paths: readonly string[]): Uint8Array {
  return stringArray(api, paths, pathEncoding)
}

/** The number that a function writes as `size_t`. */
export function countOf(write: (into: BigUint64Array) => void): number {
  const into = new BigUint64Array(1)
  write(into)
  return Number(into[0])
}

/** The number that a function writes as `int` or as an enumeration. */
export function intOf(write: (into: Int32Array) => void): number {
  const into = new Int32Array(1)
  write(into)
  return into[0] ?? 0
}

/** Addresses in a row, as native code reads them. */
export function addressArray(addresses: readonly Address[]): BigUint64Array {
  return BigUint64Array.from(addresses)
}
