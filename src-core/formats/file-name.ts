/** Device names that Windows reserves, with any extension. */
const deviceName = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i

/** Characters that are invisible or refused by some file system: separators, wildcards, controls, lone surrogates. */
const forbidden = /[\p{Cc}\p{Cs}<>:"/\\|?*\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/gu

/** Leaves room for a counter and an extension: file systems allow 255 bytes. */
const maxBytes = 199

/**
 * A file name without extension, as close to `text` as possible, that is valid on every file system. It never names
 * another folder, a device, a stream or a hidden file, has at most 200 bytes of UTF-8 and is never empty.
 */
export function sanitizeFileName(text: string): string {
  const name = trim(cut(trim(text.normalize('NFC').replace(forbidden, '_'))))
  if (name === '') return 'untitled'
  return deviceName.test(name) ? `_${name}` : name
}

/** Folders of a path at most; the rest becomes part of the name. */
const maxFolders = 8

/**
 * `text` as a path below a folder, with `/` between its parts: each part is a file name, and none leads out. Parts that
 * name no folder (empty, `.`, `..`) are left out, so that `/etc/x` is `etc/x` and `../x` is `x`.
 */
export function sanitizePath(text: string): string {
  const parts = text.split('/')
  const folders = parts.slice(0, -1).filter((part) => !/^[\s.]*$/.test(part))
  const name = [...folders.slice(maxFolders), parts.at(-1) ?? ''].join('_')
  return [...folders.slice(0, maxFolders), name].map(sanitizeFileName).join('/')
}

/** Trims a leading dot (hides the file), a leading dash (reads as an option), and final dots and spaces (Windows). */
const trim = (name: string): string => name.replace(/^[\s.-]+/u, '').replace(/[\s.]+$/u, '')

function cut(name: string): string {
  const { read } = new TextEncoder().encodeInto(name, new Uint8Array(maxBytes))
  return name.slice(0, read)
}
