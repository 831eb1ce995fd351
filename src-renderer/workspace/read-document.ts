import type { Workflow } from '#core/workflow/document.ts'
import { migrateNodes } from '#core/workflow/migrate.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { catalogue } from '#nodes/catalogue.ts'

/**
 * A document as text, its nodes brought up to date: fields show and change what nodes take now.
 * @throws LoomError as `parseWorkflow`
 */
export const readDocument = (text: string): Workflow => migrateNodes(parseWorkflow(text), catalogue)
