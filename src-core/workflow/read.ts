import { LoomError } from '#core/errors.ts'
import { type FileFormat, fileFormatOf, headBytes, isPicture } from '#core/formats/file-format.ts'
import { latin1 } from '#core/formats/latin1.ts'
import { documentKeyword, type Inflate, readPngTexts } from '#core/formats/png.ts'
import { fragmentFormat, type Workflow } from './document.ts'
import { documentVersion } from './document-version.ts'
import { type Migration, migrateNodes } from './migrate.ts'
import type { Catalogue } from './node-type.ts'
import { type Parsed, parseDocument, parseFragment, textOf } from './parse.ts'
import { printWorkflow } from './print.ts'

/** Bytes of a file that may hold a workflow, at most: more than any picture, less than a checkpoint. */
const maxFileBytes = 512 * 2 ** 20

/** @throws LoomError `limit` above 512 MiB; call it before the file is read */
export function checkFileSize(bytes: number): void {
  if (bytes > maxFileBytes) throw new LoomError('limit', `It has ${bytes} bytes.`)
}

/** A file or a text that may hold a workflow. `text` and `texts` are computed on demand. */
interface Source {
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
}

/** `stated`: the file holds the workflow itself. `inferred`: it was rebuilt from a description, such as a prompt and a seed. */
type Confidence = 'stated' | 'inferred'

/** The result of a format's reader. */
interface Finding {
  readonly workflow: Workflow
  /** The text of the document in the file, if it is one of ours; it is kept as it is. */
  readonly text?: string
  /** The document version that it was saved with. Absent: the current one. */
  readonly version?: number
  readonly confidence: Confidence
  /** The parts of the file that the workflow lacks. */
  readonly warnings?: readonly LoomError[]
}

/** A format that workflows are read from. An importer is a row of this type. */
export interface DocumentFormat {
  /** Whether a file is of this format. It is asked of every file, so it has to be cheap. */
  matches(source: Source): boolean
  /** @throws LoomError, and nothing else, for a damaged file */
  read(source: Source): Finding
}

export interface Report {
  /** The key in the table of formats. */
  readonly format: string
  /** The migrations from older versions. */
  readonly migrated: readonly Migration[]
  readonly confidence: Confidence
  readonly warnings: readonly LoomError[]
}

export interface Reading {
  /** Document and nodes are of the present versions. */
  readonly workflow: Workflow
  /** The workflow as a document of ours: unchanged if the file holds one, else printed. */
  readonly text: string
  readonly report: Report
}

const stated = ({ workflow, version }: Parsed) => ({ workflow, version, confidence: 'stated' }) as const

/** A JSON object, perhaps after a byte order mark, decoded or as Latin-1. */
const object = '^(\ufeff|\xef\xbb\xbf)?\\s*\\{'
const beginsObject = new RegExp(object)
const beginsFragment = new RegExp(`${object}\\s*"format"\\s*:\\s*"${fragmentFormat}"`)

/** `*.loom.json`. */
const document: DocumentFormat = {
  matches: ({ head }) => beginsObject.test(head),
  read: (source) => {
    const text = source.text()
    return { text, ...stated(parseDocument(text)) }
  },
}

/** The first format that matches reads. `document` takes any JSON object, so it comes last. */
export const documentFormats: Readonly<Record<string, DocumentFormat>> = {
  /** A picture that we saved. */
  picture: {
    matches: ({ format, texts }) => isPicture(format) && texts().has(documentKeyword),
    read: ({ texts }) => {
      const text = texts().get(documentKeyword) ?? ''
      return { text, ...stated(parseDocument(text)) }
    },
  },
  /** A copied part of a document. */
  fragment: {
    matches: ({ head }) => beginsFragment.test(head),
    read: ({ text }) => stated(parseFragment(text())),
  },
  document,
}

export interface DocumentReader {
  /**
   * Whether a file matches a format. It may still be damaged.
   * @throws LoomError `limit` for a picture with too much text
   */
  holdsDocument(content: string | Uint8Array): boolean
  /**
   * Reads the workflow of a file or a text, and migrates it.
   * @throws LoomError `parse`, `range`, `limit`; `unsupported` for a newer version; `not-found` for a picture without a workflow
   */
  readDocument(content: string | Uint8Array): Reading
}

/** Makes the functions that read workflows, with the zlib of the platform. No other code may parse or migrate a document. */
export function documentReader(
  { catalogue, inflate }: { readonly catalogue: Catalogue; readonly inflate: Inflate },
  formats = documentFormats,
): DocumentReader {
  const find = (source: Source) => Object.entries(formats).find(([, { matches }]) => matches(source))
  return {
    holdsDocument: (content) => find(sourceOf(content, inflate)) !== undefined,
    readDocument(content) {
      checkFileSize(content.length)
      const source = sourceOf(content, inflate)
      const [format, { read }] = find(source) ?? fallback(source)
      const { workflow: found, version = documentVersion, confidence, warnings = [], ...rest } = read(source)
      const { workflow, migrated: nodes } = migrateNodes(found, catalogue)
      const whole = { of: 'document', from: version, to: documentVersion, count: 1 }
      const migrated = version < documentVersion ? [whole, ...nodes] : nodes
      return {
        workflow,
        text: rest.text ?? printWorkflow(workflow),
        report: { format, migrated, confidence, warnings },
      }
    },
  }
}

function sourceOf(content: string | Uint8Array, inflate: Inflate): Source {
  const isText = typeof content === 'string'
  const format = isText ? undefined : fileFormatOf(content)
  let texts: ReadonlyMap<string, string> | undefined
  return {
    head: isText ? content.slice(0, headBytes) : latin1(content.subarray(0, headBytes)),
    format,
    text: () => textOf(content),
    texts: () => {
      texts ??= format === 'png' && !isText ? readPngTexts(content, inflate) : new Map()
      return texts
    },
  }
}

/** A file of no format is read as a document, for an error that says what is wrong with it. */
function fallback({ format }: Source): [string, DocumentFormat] {
  if (!isPicture(format)) return ['document', document]
  throw new LoomError('not-found', 'The picture carries no workflow.', {
    hint: 'Messengers and picture editors remove it; use the file as Latent Loom saved it.',
  })
}
