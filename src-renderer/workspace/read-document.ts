import { LoomError } from '#core/errors.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { documentReader } from '#core/workflow/read.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { inflateCapped } from './inflate.ts'

/** Reads workflows in the page. */
export const { readDocument, holdsDocument } = documentReader({ catalogue, inflate: inflateCapped })

/** Maximum length of a pasted text that is parsed. */
const maxPasted = 16 * 1024 * 1024

/** The copied items or the document in a clipboard text; undefined for other text. */
export function parseFragment(text: string): Workflow | undefined {
  if (text.length > maxPasted || !holdsDocument(text)) return undefined
  try {
    return readDocument(text).workflow
  } catch (error) {
    if (error instanceof LoomError) return undefined
    throw error
  }
}
