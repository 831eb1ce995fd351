import { extname } from 'node:path'
import { type ErrorCode, LoomError } from '#core/errors.ts'

/** Number of bytes at the start of a file that identify its format. */
export const sniffBytes = 512

interface Impostor {
  readonly is: string
  readonly hint: string
  readonly code: ErrorCode
  /** `text` is the head as Latin-1, without white space in front; `extension` is in lower case, with its dot. */
  matches(text: string, extension: string): boolean
}

const getSafetensors = 'Get the .safetensors version of this model.'

const pickleExtensions = new Set(['.ckpt', '.pt', '.pth', '.bin', '.pkl', '.pickle'])
const beginsWith =
  (...starts: readonly string[]) =>
  (text: string): boolean =>
    starts.some((start) => text.startsWith(start))

const isZip = beginsWith('PK\x03\x04', 'PK\x05\x06')
const isPickle = beginsWith('\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05')
const isArchive = beginsWith('\x1f\x8b', '7z\xbc\xaf', 'Rar!', '\xfd7zXZ', '\x28\xb5\x2f\xfd')

/** Field 1 (`ir_version`), a small number, then one of the fields 2, 3 and 7 that follow it in a ModelProto. */
const isModelProto = (text: string): boolean =>
  text.startsWith('\x08') && text.charCodeAt(1) < 32 && '\x12\x1a\x3a'.includes(text.charAt(2) || ' ')

/** Files that people mistake for safetensors files, the most specific patterns first. */
const impostors: readonly Impostor[] = [
  {
    is: 'a PyTorch pickle file, which can run any program when it is opened',
    hint: `Latent Loom never opens these. ${getSafetensors} If there is none, convert it with convert.py of the safetensors project (github.com/huggingface/safetensors, bindings/python), or at huggingface.co/spaces/safetensors/convert.`,
    code: 'unsupported',
    matches: (text, extension) =>
      isPickle(text) || (isZip(text) && (pickleExtensions.has(extension) || text.includes('data.pkl'))),
  },
  {
    is: 'a zip archive',
    hint: 'Unpack it and use the .safetensors file inside.',
    code: 'unsupported',
    matches: isZip,
  },
  {
    is: 'a compressed archive',
    hint: 'Unpack it and use the .safetensors file inside.',
    code: 'unsupported',
    matches: isArchive,
  },
  {
    is: 'a web page, probably the login page of the site that it was downloaded from',
    hint: 'Log in to the site (or give your downloader its API key), accept the licence of the model, and download the file again.',
    code: 'parse',
    matches: (text) => /^(\xef\xbb\xbf)?\s*(<!--|<!doctype|<html|<head|<body|<\?xml)/i.test(text),
  },
  {
    is: 'a Git LFS pointer: the name of the file instead of the file',
    hint: 'Run "git lfs pull" in the folder that you cloned, or download the file from the web page.',
    code: 'parse',
    matches: beginsWith('version https://git-lfs'),
  },
  {
    is: 'a GGUF file',
    hint: `GGUF is not supported. ${getSafetensors}`,
    code: 'unsupported',
    matches: beginsWith('GGUF'),
  },
  {
    is: 'an ONNX file',
    hint: `Latent Loom builds its ONNX graphs itself. ${getSafetensors}`,
    code: 'unsupported',
    matches: (text, extension) => extension === '.onnx' || isModelProto(text),
  },
  {
    is: 'a text, probably the error message of the site that it was downloaded from',
    hint: 'Open it in a text editor to see the message, then download the file again.',
    code: 'parse',
    matches: (text) => text.length > 0 && !/[^\t\n\r\x20-\x7e]/.test(text),
  },
  {
    is: 'most likely a PyTorch pickle file, to judge by its name',
    hint: getSafetensors,
    code: 'unsupported',
    matches: (_, extension) => pickleExtensions.has(extension),
  },
]

/** Tests for a length below 2^27 in eight bytes and a JSON object: no other format begins like this. */
function isSafetensors(text: string): boolean {
  const length = Buffer.from(text.slice(0, 8), 'latin1')
  return length.length === 8 && length.readBigUInt64LE() < 1n << 27n && text.slice(8).trimStart().startsWith('{')
}

/**
 * Refuses files of known other formats, by their first `sniffBytes` bytes, and by their name if those are ambiguous.
 * Unknown files pass; the parser reports their faults.
 * @throws LoomError `unsupported` or `parse`, with the format of the file and how to get a safetensors file.
 */
export function refuseImpostor(head: Uint8Array, path: string): void {
  if (head.length === 0) {
    throw new LoomError('parse', `${path} is empty.`, { hint: 'Download the file again.' })
  }
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1')
  if (isSafetensors(text)) return
  const extension = extname(path).toLowerCase()
  const impostor = impostors.find(({ matches }) => matches(text.trimStart(), extension))
  if (impostor === undefined) return
  throw new LoomError(impostor.code, `${path} is no safetensors file: it is ${impostor.is}.`, { hint: impostor.hint })
}
