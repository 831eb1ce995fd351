import { type ErrorCode, LoomError } from '#core/errors.ts'
import { type FileFormat, fileFormatOf } from '#core/formats/file-format.ts'

interface Impostor {
  readonly is: string
  readonly hint: string
  readonly code: ErrorCode
}

const getSafetensors = 'Get the .safetensors version of this model.'

const picture: Impostor = {
  is: 'a picture',
  hint: 'Models and their pictures often have one name; choose the model file beside it.',
  code: 'unsupported',
}

const message: Impostor = {
  is: 'a text, probably the error message of the site that it was downloaded from',
  hint: 'Open it in a text editor to see the message, then download the file again.',
  code: 'parse',
}

/** Formats of files that people mistake for model files. */
const impostors: Readonly<Record<Exclude<FileFormat, 'safetensors' | 'pickle'>, Impostor>> = {
  png: picture,
  jpg: picture,
  webp: picture,
  'other-picture': picture,
  zip: {
    is: 'a zip archive',
    hint: 'Unpack it and use the .safetensors file inside.',
    code: 'unsupported',
  },
  archive: {
    is: 'a compressed archive',
    hint: 'Unpack it and use the .safetensors file inside.',
    code: 'unsupported',
  },
  html: {
    is: 'a web page, probably the login page of the site that it was downloaded from',
    hint: 'Log in to the site (or give your downloader its API key), accept the licence of the model, and download the file again.',
    code: 'parse',
  },
  'lfs-pointer': {
    is: 'a Git LFS pointer: the name of the file instead of the file',
    hint: 'Run "git lfs pull" in the folder that you cloned, or download the file from the web page.',
    code: 'parse',
  },
  gguf: {
    is: 'a GGUF file',
    hint: `GGUF is not supported. ${getSafetensors}`,
    code: 'unsupported',
  },
  onnx: {
    is: 'an ONNX file',
    hint: `Latent Loom builds its ONNX graphs itself. ${getSafetensors}`,
    code: 'unsupported',
  },
  json: {
    is: 'a JSON text: what a folder says about its model, or the error message of a site',
    hint: 'Take the .safetensors file beside it, or the folder. If there is none, download the model again.',
    code: 'parse',
  },
  text: message,
  'pickle-name': {
    is: 'named like a file of PyTorch and does not begin like one',
    hint: `Download it again. ${getSafetensors}`,
    code: 'unsupported',
  },
}

/**
 * Refuses files that are neither safetensors nor of torch, by their first `headBytes` bytes, and by their name if those are ambiguous.
 * Unknown files pass; the parser reports their faults.
 * @throws LoomError `unsupported` or `parse`, with the format of the file and how to get a safetensors file.
 */
export function refuseImpostor(head: Uint8Array, path: string): void {
  if (head.length === 0) {
    throw new LoomError('parse', `${path} is empty.`, { hint: 'Download the file again.' })
  }
  const format = fileFormatOf(head, path)
  if (format === undefined || format === 'safetensors' || format === 'pickle') return
  const { is, hint, code } = impostors[format]
  throw new LoomError(code, `${path} is no safetensors file: it is ${is}.`, { hint })
}
