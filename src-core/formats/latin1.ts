/** Bytes as text, a character for each. TextDecoder's `latin1` means Windows-1252, which differs from 0x80 to 0x9F. */
export function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let start = 0; start < bytes.length; start += 8192) {
    text += String.fromCharCode(...bytes.subarray(start, start + 8192))
  }
  return text
}
