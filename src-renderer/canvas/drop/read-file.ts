import { LoomError } from '#core/errors.ts'
import { identify } from '#core/formats/identify.ts'
import { documentKeyword, readPngTexts } from '#core/formats/png.ts'
import { parseHeader, readHeaderLength } from '#core/formats/safetensors.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { inflateCapped } from '../../workspace/inflate.ts'

/** A file that was dropped or pasted, as its content shows it, whatever its name says. */
export type DroppedFile =
  | { readonly kind: 'workflow'; readonly name: string; readonly text: string }
  | {
      readonly kind: 'model'
      readonly name: string
      readonly bytes: number
      /** What its header says that it is: "an SDXL checkpoint". */
      readonly is: string
    }
  | {
      readonly kind: 'picture'
      readonly name: string
      readonly content: Blob
      /** Text of the workflow that it carries. */
      readonly workflow: string | undefined
    }

const mebibyte = 1024 * 1024
const maxPicture = 64 * mebibyte
const maxWorkflow = 64 * mebibyte

const sniffBytes = 64

/** How files begin, with their bytes as Latin-1 characters; the first match wins. */
const formats: readonly {
  readonly is: (head: string) => boolean
  readonly read: (file: File) => Promise<DroppedFile>
}[] = [
  { is: (head) => head.startsWith('\x89PNG\r\n\x1a\n'), read: readPng },
  { is: (head) => head.startsWith('\xff\xd8\xff') || /^RIFF.{4}WEBP/s.test(head), read: readPicture },
  // A length below 2^32 in eight bytes, then the JSON object.
  { is: (head) => head.slice(4, 8) === '\0\0\0\0' && head.slice(8).trimStart().startsWith('{'), read: readModel },
  { is: (head) => /^(\xef\xbb\xbf)?\s*\{/.test(head), read: readWorkflow },
]

/**
 * Says what a file is by reading no more of it than that takes.
 * @throws LoomError `unsupported`, `parse`, `limit`, or `io` if it cannot be read (any more); the message names the file
 */
export async function readDroppedFile(file: File): Promise<DroppedFile> {
  try {
    const head = latin1(await bytesOf(file, 0, sniffBytes))
    const format = formats.find(({ is }) => is(head))
    if (format === undefined) throw unknownFormat(file.name)
    return await format.read(file)
  } catch (cause) {
    if (cause instanceof LoomError) throw naming(file.name, cause)
    throw new LoomError('io', `${file.name} cannot be read.`, {
      hint: 'It may have been moved or deleted, or it is a folder; folders cannot be dropped here.',
      cause,
    })
  }
}

/** The same error, its message naming the file, as several may have been dropped. */
export function naming(name: string, cause: LoomError): LoomError {
  const { code, message, hint } = cause
  return message.includes(name) ? cause : new LoomError(code, `${name}: ${message}`, { hint, cause })
}

async function readPng(file: File): Promise<DroppedFile> {
  const texts = readPngTexts(await wholeOf(file, maxPicture), inflateCapped)
  return { kind: 'picture', name: file.name, content: file, workflow: texts.get(documentKeyword) }
}

async function readPicture(file: File): Promise<DroppedFile> {
  await wholeOf(file, maxPicture)
  return { kind: 'picture', name: file.name, content: file, workflow: undefined }
}

async function readWorkflow(file: File): Promise<DroppedFile> {
  const bytes = await wholeOf(file, maxWorkflow)
  parseWorkflow(bytes)
  return { kind: 'workflow', name: file.name, text: new TextDecoder().decode(bytes) }
}

/** Of a model only the header is read: the rest may be gigabytes. */
async function readModel(file: File): Promise<DroppedFile> {
  const length = readHeaderLength(await bytesOf(file, 0, 8), file.size)
  const { tensors } = parseHeader(await bytesOf(file, 8, 8 + length), file.size)
  return { kind: 'model', name: file.name, bytes: file.size, is: identify(tensors).is }
}

const pickleEnding = /\.(ckpt|pt|pth|bin|pkl)$/i

function unknownFormat(name: string): LoomError {
  const message = `${name} is no picture (PNG, JPEG, WebP), no model (.safetensors) and no workflow (.loom.json).`
  const hint = pickleEnding.test(name)
    ? 'Files like this can carry programs and are never opened. Get the .safetensors version of this model.'
    : 'Its content counts, not its name. Export it as one of these, or download it again.'
  return new LoomError('unsupported', message, { hint })
}

async function wholeOf(file: File, maxBytes: number): Promise<Uint8Array> {
  if (file.size <= maxBytes) return bytesOf(file, 0, file.size)
  const message = `${file.name} has ${Math.ceil(file.size / mebibyte)} MiB; at most ${maxBytes / mebibyte} can be taken.`
  throw new LoomError('limit', message, { hint: 'Make it smaller first.' })
}

const bytesOf = async (file: Blob, start: number, end: number): Promise<Uint8Array> =>
  new Uint8Array(await file.slice(start, end).arrayBuffer())

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
