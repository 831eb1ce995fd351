/** Formats that are served as pictures, with their media types. */
export const pictureTypes = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp' } as const
export type PictureFormat = keyof typeof pictureTypes

const signatures: Record<PictureFormat, (head: Buffer) => boolean> = {
  png: (head) => head.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n',
  jpg: (head) => head.toString('latin1', 0, 3) === '\xff\xd8\xff',
  webp: (head) => head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP',
}

const formats = Object.keys(signatures) as PictureFormat[]

/** Detects the format from the content alone, whatever the name or the sender claim. */
export function pictureFormatOf(bytes: Uint8Array): PictureFormat | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16))
  return formats.find((format) => signatures[format](head))
}
