/** Names that Windows keeps for devices, whatever extension follows. */
const deviceName = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i

/** What some file system refuses or a person cannot see: separators, wildcards, controls, direction marks, lone surrogates. */
const forbidden = /[\p{Cc}\p{Cs}<>:"/\\|?*\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/gu

/** Leaves room for a counter and an extension below the 255 bytes that file systems allow. */
const maxBytes = 199

/**
 * A single file name without its extension that every file system takes, as close to `text` as can be: it never
 * names another folder, a device, a stream or a hidden file, is at most 200 bytes of UTF-8, and never empty.
 */
export function sanitizeFileName(text: string): string {
  const name = trim(cut(trim(text.normalize('NFC').replace(forbidden, '_'))))
  if (name === '') return 'untitled'
  return deviceName.test(name) ? `_${name}` : name
}

/** A leading dot hides a file, a leading dash reads as an option, and Windows drops dots and spaces at the end. */
const trim = (name: string): string => name.replace(/^[\s.-]+/u, '').replace(/[\s.]+$/u, '')

function cut(name: string): string {
  const { read } = new TextEncoder().encodeInto(name, new Uint8Array(maxBytes))
  return name.slice(0, read)
}
