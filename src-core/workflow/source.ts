import { LoomError } from '#core/errors.ts'
import { type ByteSource, byteSource } from '#core/formats/byte-source.ts'
import { type Carried, carriedByPicture, carriedByText } from '#core/formats/carried.ts'
import { type FileFormat, fileFormatOf, headBytes, isPicture } from '#core/formats/file-format.ts'
import { latin1 } from '#core/formats/latin1.ts'
import { readPictureTexts } from '#core/formats/picture-texts.ts'
import type { Inflate } from '#core/formats/png.ts'
import { maxDocumentBytes } from './document.ts'
import { textOf } from './parse.ts'

/** A file or a text that may hold a workflow. Its functions compute on demand. */
export interface Source {
  /** The first 512 bytes as Latin-1, or the first 512 characters of a text. */
  readonly head: string
  /** The format by the first bytes; undefined for a text and for unknown bytes. */
  readonly format: FileFormat | undefined
  /**
   * The whole content as text.
   * @throws LoomError `limit` if it is too long, `parse` if it is not UTF-8
   */
  text(): string
  /**
   * The texts inside a picture by keyword; empty for other files.
   * @throws LoomError `limit` if they are too long
   */
  texts(): ReadonlyMap<string, string>
  /** Whether a text says that it is a document of ours. */
  isOurs(): boolean
  /**
   * What it says of the program that it comes from; nothing if it begins as our documents do.
   * @throws LoomError `limit` if the texts of a picture are too long
   */
  carried(): Carried
}

/** A JSON object, perhaps after a byte order mark, decoded or as Latin-1. */
export const object = '^(\ufeff|\xef\xbb\xbf)?\\s*\\{'
const beginsOurs = new RegExp(`${object}\\s*"format"\\s*:\\s*"latent-loom`)
/** Formats of texts, which other programs write too. A text that is no file has none. */
const textFormats: ReadonlySet<FileFormat | undefined> = new Set([undefined, 'json', 'text'])

export function sourceOf(content: string | Uint8Array | ByteSource, inflate: Inflate): Source {
  const bytes = typeof content === 'string' ? undefined : byteSource(content)
  const start = bytes?.read(0, headBytes)
  const head = start ? latin1(start) : String(content).slice(0, headBytes)
  const format = start && fileFormatOf(start)
  // a byte more than allowed, so that what is too long is refused
  const text = () => textOf(bytes?.read(0, maxDocumentBytes + 1) ?? String(content))
  const texts = once(() =>
    bytes && isPicture(format) ? readPictureTexts(bytes, format, inflate) : new Map<string, string>(),
  )
  const ofText = () => (textFormats.has(format) && !beginsOurs.test(head) ? textOrNothing(text) : '')
  const carried = once(() => (isPicture(format) ? carriedByPicture(texts()) : carriedByText(ofText())))
  const isOurs = () => beginsOurs.test(head) || carried().text('format').startsWith('latent-loom')
  return { head, format, text, texts, isOurs, carried }
}

function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined
  return () => {
    result ??= { value: compute() }
    return result.value
  }
}

function textOrNothing(text: () => string): string {
  try {
    return text()
  } catch (error) {
    if (error instanceof LoomError) return ''
    throw error
  }
}
