import { stat } from 'node:fs/promises'
import { type ErrorCode, LoomError } from '#core/errors.ts'
import { fileFormatOf, headBytes, isPicture, type PictureFormat } from '#core/formats/file-format.ts'
import { documentKeyword } from '#core/formats/png.ts'
import { maxDocumentBytes } from '#core/workflow/document.ts'
import { describeDocument, readDocument } from './files/document.ts'
import { fileSource, type OpenFile, withRegularFile } from './files/regular-file.ts'
import { pictureSize } from './images/decode.ts'

/** Description of a picture, or of a workflow of ours or of another program, as plain JSON data. */
export interface DocumentInspection {
  readonly path: string
  readonly kind: 'picture' | 'workflow'
  /** Description that completes "it is". */
  readonly is: string
  readonly format: PictureFormat | 'json' | 'text'
  /** The program that it comes from. Absent if nothing in the file tells. */
  readonly program?: string
  /** In pixels. */
  readonly width?: number
  readonly height?: number
  readonly bytes: number
  /** The workflow that `run` takes from it. */
  readonly workflow?: { readonly name?: string; readonly nodes: number }
  /** The texts in a picture. */
  readonly carries?: readonly { readonly name: string; readonly characters: number; readonly begins: string }[]
  /** The reason why it cannot be run. */
  readonly problem?: { readonly code: ErrorCode; readonly message: string; readonly hint?: string }
}

/** Characters of a text that a description shows. */
const shown = 200

/**
 * Describes a picture or a workflow without reading pixels.
 * @returns undefined for any other file
 * @throws LoomError `not-found`, `io`; `limit` for a picture that is made to exhaust memory
 */
export async function inspectDocument(path: string): Promise<DocumentInspection | undefined> {
  const stats = await stat(path).catch(() => undefined)
  if (stats?.isDirectory()) return undefined
  return withRegularFile(path, async (file) => {
    const source = fileSource(file)
    const format = fileFormatOf(source.read(0, headBytes))
    if (isPicture(format)) return inspectPicture(file, format)
    if (format !== 'json' && format !== 'text') return undefined
    const { program } = describeDocument(source)
    // any other text is what a failed download left, which the reader of models explains
    if (program === undefined) return undefined
    return describe(file, { kind: 'workflow', format, program, ...workflowOf(source.read(0, maxDocumentBytes + 1)) })
  })
}

async function inspectPicture(file: OpenFile, format: PictureFormat): Promise<DocumentInspection> {
  const source = fileSource(file)
  const { program, texts } = describeDocument(source)
  const document = texts.get(documentKeyword)
  return describe(file, {
    kind: 'picture',
    format,
    ...(program !== undefined && { program }),
    ...(document !== undefined && workflowOf(document)),
    ...(await pictureSize(file.path, file.path).catch(() => undefined)),
    carries: Array.from(texts, ([name, text]) => ({
      name,
      characters: text.length,
      begins: text.slice(0, shown).replace(/\s+/g, ' '),
    })),
  })
}

function describe(
  { path, stats }: OpenFile,
  found: Omit<DocumentInspection, 'path' | 'is' | 'bytes'>,
): DocumentInspection {
  const from = { picture: 'drawn with', workflow: 'of' }[found.kind]
  const is = found.program === undefined ? `a ${found.kind}` : `a ${found.kind} ${from} ${found.program}`
  return { path, is, bytes: Number(stats.size), ...found }
}

function workflowOf(content: string | Uint8Array): Pick<DocumentInspection, 'workflow' | 'problem'> {
  try {
    const { name, nodes } = readDocument(content).workflow
    return { workflow: { ...(name !== undefined && { name }), nodes: Object.keys(nodes).length } }
  } catch (error) {
    if (!(error instanceof LoomError)) throw error
    const { code, message, hint } = error
    return { problem: { code, message, ...(hint !== undefined && { hint }) } }
  }
}
