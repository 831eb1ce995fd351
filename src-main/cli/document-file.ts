import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { checkFileSize, type Reading } from '#core/workflow/read.ts'
import { readError } from '#engine/files/dangling-link.ts'
import { readDocument } from '#engine/files/document.ts'
import { readWhole, withRegularFile } from '#engine/files/regular-file.ts'
import { asLoomError } from './print-error.ts'

export interface DocumentFile extends Reading {
  /** The folder that its relative file names start from. */
  readonly folder: string
}

/**
 * Reads the workflow that a file holds.
 * @throws LoomError `usage` when there is no such file, `io` when it cannot be read, `invalid` when it holds no workflow
 */
export async function readDocumentFile(path: string): Promise<DocumentFile> {
  await requireFile(path)
  return withRegularFile(path, async (file) => {
    try {
      checkFileSize(Number(file.stats.size))
      return { ...readDocument(await readWhole(file)), folder: dirname(resolve(path)) }
    } catch (error) {
      throw noWorkflow(path, asLoomError(error))
    }
  })
}

/** @throws LoomError `usage` when there is no such file or folder */
export async function requireFile(path: string): Promise<void> {
  try {
    await stat(path)
  } catch (error) {
    const { message, hint } = await readError(error, path)
    throw new LoomError('usage', message, { hint, cause: error })
  }
}

function noWorkflow(path: string, problem: LoomError): LoomError {
  return new LoomError('invalid', `${path} is not a workflow that can be run.`, { cause: [problem] })
}
