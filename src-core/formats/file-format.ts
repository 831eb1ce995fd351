import { latin1 } from './latin1.ts'

/** Number of bytes at the start of a file that identify its format. */
export const headBytes = 512

/** @param head the first bytes as Latin-1; `extension` is in lower case, with its dot, or empty where the name is not to count */
type Rule = (head: string, extension: string) => boolean

const begins =
  (...starts: readonly string[]): Rule =>
  (head) =>
    starts.some((start) => head.startsWith(start))

/** White space in front of a text says nothing. */
const beginsText =
  (pattern: RegExp): Rule =>
  (head) =>
    pattern.test(head.trimStart())

/** A length below 2^32 in eight bytes, then a JSON object: no other format begins like this. */
const isSafetensors: Rule = (head) => head.slice(4, 8) === '\0\0\0\0' && head.slice(8).trimStart().startsWith('{')

const pickleExtensions = new Set(['.ckpt', '.pt', '.pth', '.bin', '.pkl', '.pickle'])
const hasPickleName: Rule = (_, extension) => pickleExtensions.has(extension)
const isPickle = begins('\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05')
const isZip = begins('PK\x03\x04', 'PK\x05\x06')

/** Field 1 (`ir_version`), a small number, then one of the fields 2, 3 and 7 that follow it in a ModelProto. */
const isModelProto: Rule = (head) =>
  head.startsWith('\x08') && head.charCodeAt(1) < 32 && '\x12\x1a\x3a'.includes(head.charAt(2) || ' ')

/** Patterns for the beginning of a file by format, most specific first. */
const rules = {
  safetensors: isSafetensors,
  png: begins('\x89PNG\r\n\x1a\n'),
  jpg: begins('\xff\xd8\xff'),
  webp: (head) => /^RIFF.{4}WEBP/s.test(head),
  'other-picture': (head) => /^(GIF8|II\*\0|MM\0\*|.{4}ftyp(avif|avis|heic|heix|mif1|msf1))/s.test(head),
  pickle: (head, extension) =>
    isPickle(head, extension) ||
    (isZip(head, extension) && (hasPickleName(head, extension) || head.includes('data.pkl'))),
  zip: isZip,
  archive: begins('\x1f\x8b', '7z\xbc\xaf', 'Rar!', '\xfd7zXZ', '\x28\xb5\x2f\xfd'),
  html: beginsText(/^(\xef\xbb\xbf)?\s*(<!--|<!doctype|<html|<head|<body|<\?xml)/i),
  'lfs-pointer': beginsText(/^version https:\/\/git-lfs/),
  gguf: begins('GGUF'),
  onnx: (head, extension) => extension === '.onnx' || isModelProto(head, extension),
  json: beginsText(/^(\xef\xbb\xbf)?\s*\{/),
  text: (head) => head.length > 0 && !/[^\t\n\r\x20-\x7e]/.test(head),
  'pickle-name': hasPickleName,
} as const satisfies Readonly<Record<string, Rule>>

/** The format of a file. `pickle-name` depends only on the name. */
export type FileFormat = keyof typeof rules

const formats = Object.keys(rules) as FileFormat[]

/**
 * Detects the format of a file by its first `headBytes` bytes.
 * @param name decides if the content is ambiguous; leave it out to go by the content alone
 */
export function fileFormatOf(bytes: Uint8Array, name = ''): FileFormat | undefined {
  const head = latin1(bytes.subarray(0, headBytes))
  const extension = /\.[^./\\]*$/.exec(name)?.[0].toLowerCase() ?? ''
  return formats.find((format) => rules[format](head, extension))
}

/** Formats that are taken and served as pictures, with their media types. */
export const pictureTypes = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp' } as const
export type PictureFormat = keyof typeof pictureTypes

export const isPicture = (format: string | undefined): format is PictureFormat =>
  format !== undefined && Object.hasOwn(pictureTypes, format)
