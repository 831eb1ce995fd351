import { LoomError } from '#core/errors.ts'
import { type FileFormat, fileFormatOf } from '#core/formats/file-format.ts'
import { identify } from '#core/formats/identify.ts'
import { parseHeader, readHeaderLength, type SafetensorsHeader } from '#core/formats/safetensors.ts'
import { readTorchHeader } from '#core/formats/torch/header.ts'
import { maxDocumentBytes } from '#core/workflow/document.ts'
import { holdsDocument, readDocument } from '../../workspace/read-document.ts'

/** A dropped or pasted file. Its kind follows from the content, not from the name. */
export type DroppedFile =
  | { readonly kind: 'workflow'; readonly name: string; readonly text: string }
  | {
      readonly kind: 'model'
      readonly name: string
      readonly bytes: number
      /** Description by its header: "an SDXL checkpoint". */
      readonly is: string
    }
  | {
      readonly kind: 'picture'
      readonly name: string
      readonly content: Blob
      /** Text of the workflow in it, or the error of reading it. */
      readonly workflow: string | LoomError | undefined
    }

const mebibyte = 1024 * 1024
const maxPicture = 64 * mebibyte

/** Number of bytes that identify the format. */
const glance = 64

/**
 * Identifies a file and reads no more than necessary.
 * @throws LoomError `unsupported`, `parse`, `limit`, or `io` if it cannot be read; the message names the file
 */
export async function readDroppedFile(file: File): Promise<DroppedFile> {
  try {
    const format = fileFormatOf(await bytesOf(file, 0, glance))
    return await (format === undefined ? refuse(file) : readers[format](file))
  } catch (cause) {
    if (cause instanceof LoomError) throw naming(file.name, cause)
    throw new LoomError('io', `${file.name} cannot be read.`, {
      hint: 'It may have been moved or deleted, or it is a folder; folders cannot be dropped here.',
      cause,
    })
  }
}

/** The error with the file's name in the message, because several files may have been dropped. */
export function naming(name: string, cause: LoomError): LoomError {
  const { code, message, hint } = cause
  return message.includes(name) ? cause : new LoomError(code, `${name}: ${message}`, { hint, cause })
}

async function readPicture(file: File): Promise<DroppedFile> {
  const bytes = await wholeOf(file, maxPicture)
  const workflow = holdsDocument(bytes) ? textOrReason(bytes) : undefined
  return { kind: 'picture', name: file.name, content: file, workflow }
}

function textOrReason(bytes: Uint8Array): string | LoomError {
  try {
    return readDocument(bytes).text
  } catch (error) {
    if (error instanceof LoomError) return error
    throw error
  }
}

async function readWorkflow(file: File): Promise<DroppedFile> {
  const { text } = readDocument(await wholeOf(file, maxDocumentBytes))
  return { kind: 'workflow', name: file.name, text }
}

/** Reads only the header, because the rest may be gigabytes. */
async function readModel(file: File): Promise<DroppedFile> {
  const length = readHeaderLength(await bytesOf(file, 0, 8), file.size)
  return modelOf(file, parseHeader(await bytesOf(file, 8, 8 + length), file.size))
}

async function readTorchModel(file: File): Promise<DroppedFile> {
  return modelOf(file, await readTorchHeader({ size: file.size, read: (start, end) => bytesOf(file, start, end) }))
}

const modelOf = ({ name, size }: File, { tensors }: SafetensorsHeader): DroppedFile => ({
  kind: 'model',
  name,
  bytes: size,
  is: identify(tensors).is,
})

async function refuse({ name }: File): Promise<never> {
  const message = `${name} is no picture (PNG, JPEG, WebP), no model (.safetensors, or of PyTorch) and no workflow (.loom.json).`
  const hint = 'Its content counts, not its name. Export it as one of these, or download it again.'
  throw new LoomError('unsupported', message, { hint })
}

/** Readers by format. */
const readers: Readonly<Record<FileFormat, (file: File) => Promise<DroppedFile>>> = {
  safetensors: readModel,
  png: readPicture,
  jpg: readPicture,
  webp: readPicture,
  'other-picture': refuse,
  json: readWorkflow,
  pickle: readTorchModel,
  'pickle-name': refuse,
  zip: refuse,
  archive: refuse,
  html: refuse,
  'lfs-pointer': refuse,
  gguf: refuse,
  onnx: refuse,
  text: refuse,
}

async function wholeOf(file: File, maxBytes: number): Promise<Uint8Array> {
  if (file.size <= maxBytes) return bytesOf(file, 0, file.size)
  const message = `${file.name} has ${Math.ceil(file.size / mebibyte)} MiB; at most ${maxBytes / mebibyte} can be taken.`
  throw new LoomError('limit', message, { hint: 'Make it smaller first.' })
}

const bytesOf = async (file: Blob, start: number, end: number): Promise<Uint8Array> =>
  new Uint8Array(await file.slice(start, end).arrayBuffer())
