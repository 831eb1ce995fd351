import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { createEngine } from '#engine/create-engine.ts'
import { createLibrary } from '#main/server/library/library.ts'
import type { Library, LibraryOptions } from '#main/server/library/types.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { node, workflowOf } from '../workflow/documents.ts'

export interface OpenedLibrary extends Library {
  readonly dataFolder: string
}

/** A library of its own on the real file system and engine, closed after the test. */
export async function openLibrary(given: Partial<LibraryOptions> = {}): Promise<OpenedLibrary> {
  const { dataFolder = temporaryFolder(), modelFolders = [join(dataFolder, 'models')] } = given
  const engine = createEngine({ models: modelFolders })
  const library = await createLibrary({ engine, ...given, dataFolder, modelFolders })
  onTestFinished(() => library.close())
  // the first look is over before the test writes, or it would see half of that
  await library.handlers.listPictures({ id: '', body: {} }).catch(() => {})
  return { ...library, dataFolder }
}

/** The text of a workflow that loads a picture; different names make different texts. */
export const workflowText = (file: string): string =>
  printWorkflow(workflowOf({ picture: node('load-image', { file }) }))

/** The LoomError that `promise` ends with; anything else, and nothing, fails the test. */
export async function failureOf(promise: Promise<unknown>): Promise<LoomError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof LoomError) return error
    throw error
  }
  throw new Error('no error was thrown')
}

/** Fault 38: what a client may say in place of an id. */
export const hostileIds = [
  '../documents.json',
  '..',
  '.',
  '..%2f..%2fetc%2fpasswd',
  '%252e%252e%252f',
  '..\\..\\windows',
  'C:evil',
  '/etc/passwd',
  '\\\\server\\share',
  'a\0b',
  'trailing.',
  '__proto__',
  'constructor',
  '',
]
