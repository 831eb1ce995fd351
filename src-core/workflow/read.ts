import { LoomError } from '#core/errors.ts'
import type { ByteSource } from '#core/formats/byte-source.ts'
import { isPicture } from '#core/formats/file-format.ts'
import { documentKeyword, type Inflate } from '#core/formats/png.ts'
import { programs, thisProgram } from '#core/formats/programs.ts'
import { fragmentFormat, type Workflow } from './document.ts'
import { documentVersion } from './document-version.ts'
import { type Migration, migrateNodes } from './migrate.ts'
import type { Catalogue } from './node-type.ts'
import { type Parsed, parseDocument, parseFragment } from './parse.ts'
import { printWorkflow } from './print.ts'
import { object, type Source, sourceOf } from './source.ts'

/** Bytes of a file that may hold a workflow, at most: more than any picture, less than a checkpoint. */
const maxFileBytes = 512 * 2 ** 20

/** @throws LoomError `limit` above 512 MiB; call it before the file is read */
export function checkFileSize(bytes: number): void {
  if (bytes > maxFileBytes) throw new LoomError('limit', `It has ${bytes} bytes.`)
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

/** A format that workflows are read from, or that is only recognised. An importer is a row of this type. */
export interface DocumentFormat {
  /** The program that it belongs to. Absent: this one. */
  readonly program?: string
  /** Whether a file is of this format. It is asked of every file, so it has to be cheap. */
  matches(source: Source): boolean
  /**
   * Absent for a format that is only recognised.
   * @throws LoomError, and nothing else, for a damaged file
   */
  read?(source: Source): Finding
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

const beginsObject = new RegExp(object)
const beginsFragment = new RegExp(`${object}\\s*"format"\\s*:\\s*"${fragmentFormat}"`)

/** `*.loom.json`. */
const document = {
  matches: ({ head }) => beginsObject.test(head),
  read: (source) => {
    const text = source.text()
    return { text, ...stated(parseDocument(text)) }
  },
} satisfies DocumentFormat

/** Pictures and documents of other programs, a row for each program. */
const foreign = Object.fromEntries(
  programs.map(({ name, matches }): [string, DocumentFormat] => [
    name,
    { program: name, matches: ({ carried }) => matches(carried()) },
  ]),
)

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
  ...foreign,
  document,
}

/** What a file says of itself. */
interface Description {
  /** The program that it comes from. Absent if nothing tells. */
  readonly program?: string
  /** The texts of a picture by name; empty for other files. */
  readonly texts: ReadonlyMap<string, string>
}

export interface DocumentReader {
  /**
   * Whether a file is to be read as a document. It may still be damaged, or another program's. A picture is only if it
   * holds a workflow that can be read, because it can also be used as a picture.
   * @throws LoomError `limit` for a picture with too much text
   */
  holdsDocument(content: string | Uint8Array): boolean
  /**
   * Reads the workflow of a file or a text, and migrates it.
   * @throws LoomError `parse`, `range`, `limit`; `unsupported` for a newer version and for another program's document;
   *   `not-found` for a picture without a workflow
   */
  readDocument(content: string | Uint8Array): Reading
  /**
   * Says whose a file is and what texts it carries, without reading its pixels.
   * @throws LoomError `limit` for a picture with too much text
   */
  describeDocument(content: Uint8Array | ByteSource): Description
}

/** Makes the functions that read workflows, with the zlib of the platform. No other code may parse or migrate a document. */
export function documentReader(
  { catalogue, inflate }: { readonly catalogue: Catalogue; readonly inflate: Inflate },
  formats = documentFormats,
): DocumentReader {
  const find = (source: Source) => Object.entries(formats).find(([, { matches }]) => matches(source))
  return {
    holdsDocument(content) {
      const source = sourceOf(content, inflate)
      const [, format] = find(source) ?? []
      return format !== undefined && (format.read !== undefined || !isPicture(source.format))
    },
    readDocument(content) {
      checkFileSize(content.length)
      const source = sourceOf(content, inflate)
      const [format, { program, read }] = find(source) ?? fallback(source)
      if (!read) throw unread(source, program)
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
    describeDocument(content) {
      const source = sourceOf(content, inflate)
      const [, format] = find(source) ?? []
      // the last format takes any JSON
      const own = format === document ? source.isOurs() : format !== undefined
      const program = format?.program ?? (own ? thisProgram : undefined)
      return { ...(program !== undefined && { program }), texts: source.texts() }
    },
  }
}

/** A file of no format is read as a document, for an error that says what is wrong with it. */
function fallback(source: Source): [string, DocumentFormat] {
  if (isPicture(source.format) || source.format === 'other-picture') throw unread(source)
  return ['document', document]
}

/** The error for what is recognised, or only known to be a picture, and holds no workflow of ours. */
function unread({ format }: Source, program = thisProgram): LoomError {
  if (program === thisProgram) {
    return new LoomError('not-found', 'The picture carries no workflow.', {
      hint: 'Messengers and picture editors remove it; use the file as Latent Loom saved it.',
    })
  }
  const what = isPicture(format) ? 'The picture was drawn with' : 'The file comes from'
  return new LoomError('unsupported', `${what} ${program}, whose workflows are not read.`, {
    hint: `Open it in ${program}, or build the graph here from a template; \`latent-loom inspect\` shows what the file carries.`,
  })
}
