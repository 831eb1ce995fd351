/** Bytes that are read piece by piece, so that a large file need not be in memory. */
export interface ByteSource {
  readonly size: number
  /** The bytes from `start` to `end`, fewer at the end of the file. */
  read(start: number, end: number): Uint8Array
}

export function byteSource(content: Uint8Array | ByteSource): ByteSource {
  if (!(content instanceof Uint8Array)) return content
  return { size: content.length, read: (start, end) => content.subarray(start, end) }
}
