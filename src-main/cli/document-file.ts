import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { documentKeyword, readPngTexts } from '#core/formats/png.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { inflateCapped } from '#engine/files/inflate.ts'
import { osError } from '#engine/files/os-error.ts'
import { withRegularFile } from '#engine/files/regular-file.ts'
import { asLoomError } from './print-error.ts'

/** A workflow is text and a picture is a picture; a checkpoint is neither. */
const maxBytes = 512 * 2 ** 20
const pngSignature = Buffer.from('\x89PNG', 'latin1')

export interface DocumentFile {
  readonly workflow: Workflow
  /** Its JSON text. */
  readonly document: string
  /** The folder that its relative file names start from. */
  readonly folder: string
}

/**
 * Reads a workflow, or the workflow that a PNG file carries, and checks that it is one.
 * @throws LoomError `usage` when there is no such file, `io` when it cannot be read, `invalid` when it holds no workflow
 */
export async function readDocumentFile(path: string): Promise<DocumentFile> {
  await requireFile(path)
  const bytes = await withRegularFile(path, async ({ handle, stats }) => {
    if (stats.size > maxBytes) throw noWorkflow(path, new LoomError('limit', `It has ${stats.size} bytes.`))
    return handle.readFile()
  })
  try {
    const isPng = bytes.subarray(0, pngSignature.length).equals(pngSignature)
    const text = isPng ? workflowOf(bytes) : bytes
    return { workflow: parseWorkflow(text), document: text.toString(), folder: dirname(resolve(path)) }
  } catch (error) {
    throw noWorkflow(path, asLoomError(error))
  }
}

/** @throws LoomError `usage` when there is no such file or folder */
export async function requireFile(path: string): Promise<void> {
  try {
    await stat(path)
  } catch (error) {
    const { message, hint } = osError(error, 'read', path)
    throw new LoomError('usage', message, { hint, cause: error })
  }
}

function workflowOf(png: Uint8Array): string {
  const document = readPngTexts(png, inflateCapped).get(documentKeyword)
  if (document !== undefined) return document
  throw new LoomError('not-found', 'The picture carries no workflow.', {
    hint: 'Messengers and picture editors remove it; use the file as Latent Loom saved it.',
  })
}

function noWorkflow(path: string, problem: LoomError): LoomError {
  return new LoomError('invalid', `${path} is not a workflow that can be run.`, { cause: [problem] })
}
