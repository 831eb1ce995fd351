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

/** 512 MiB: a workflow is text and a picture is a picture; a checkpoint is neither. */
const maxFileBytes = 512 * 2 ** 20

/** @throws LoomError `limit` for more bytes than a file with a workflow has */
export function checkFileSize(bytes: number): void {
  if (bytes > maxFileBytes) throw new LoomError('limit', `It has ${bytes} bytes.`)
}

/** A file, or a text, that a workflow is looked for in. What is costly is read when it is first asked for. */
interface Source {
  /** Its beginning, 512 bytes as Latin-1 or as many characters of a text. */
  readonly head: string
  /** What its first bytes say that it is; undefined for a text, and for unknown bytes. */
  readonly format: FileFormat | undefined
  /**
   * The whole of it.
   * @throws LoomError `limit` if it is too long, `parse` if it is not UTF-8
   */
  text(): string
  /**
   * The texts that a picture carries, by keyword; none for what is no picture.
   * @throws LoomError `limit` if they are too long
   */
  texts(): ReadonlyMap<string, string>
}

/** How sure a workflow is: the file states it, or it was put together from what the file says of itself. */
type Confidence = 'stated' | 'inferred'

/** What a format found in a file. */
interface Finding {
  readonly workflow: Workflow
  /** The document as it stands in the file, if that is a document of ours. */
  readonly text?: string
  /** The document version that it was saved with; absent: the present one. */
  readonly version?: number
  readonly confidence: Confidence
  /** What of the file the workflow does not say. */
  readonly warnings?: readonly LoomError[]
}

/** A way in which a file may hold a workflow. */
export interface DocumentFormat {
  /** Whether a file is of this format, by no more than a look. */
  matches(source: Source): boolean
  /** @throws LoomError if it is damaged */
  read(source: Source): Finding
}

export interface Report {
  /** Its name in the table of formats. */
  readonly format: string
  /** What was older than this program. */
  readonly migrated: readonly Migration[]
  readonly confidence: Confidence
  readonly warnings: readonly LoomError[]
}

export interface Reading {
  /** Of the present version, as its nodes are. */
  readonly workflow: Workflow
  /** The workflow as a document of ours: as it stands in the file, if there is one in it. */
  readonly text: string
  readonly report: Report
}

const stated = ({ workflow, version }: Parsed) => ({ workflow, version, confidence: 'stated' }) as const

/** A byte order mark, as it is and as Latin-1, then an object. */
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

/** What a workflow is read from. Of several formats that match the first reads, so `document`, which is any JSON, is the last. */
export const documentFormats: Readonly<Record<string, DocumentFormat>> = {
  /** A picture that we saved. */
  picture: {
    matches: ({ format, texts }) => isPicture(format) && texts().has(documentKeyword),
    read: ({ texts }) => {
      const text = texts().get(documentKeyword) ?? ''
      return { text, ...stated(parseDocument(text)) }
    },
  },
  /** What was copied. */
  fragment: {
    matches: ({ head }) => beginsFragment.test(head),
    read: ({ text }) => stated(parseFragment(text())),
  },
  document,
}

export interface DocumentReader {
  /**
   * Whether a file is of a format that holds workflows, by no more than a look: it may be damaged.
   * @throws LoomError `limit` for a picture with too much text
   */
  holdsDocument(content: string | Uint8Array): boolean
  /**
   * The workflow of a file or a text, brought up to date.
   * @throws LoomError `parse`, `range`, `limit`; `unsupported` for a newer version; `not-found` for a picture without a workflow
   */
  readDocument(content: string | Uint8Array): Reading
}

/** The one way from bytes to a workflow, for the nodes that there are and with the zlib of the platform. */
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

/** Reads what no format knows as a document, which says what is wrong with it; a picture is only told to carry none. */
function fallback({ format }: Source): [string, DocumentFormat] {
  if (!isPicture(format)) return ['document', document]
  throw new LoomError('not-found', 'The picture carries no workflow.', {
    hint: 'Messengers and picture editors remove it; use the file as Latent Loom saved it.',
  })
}
