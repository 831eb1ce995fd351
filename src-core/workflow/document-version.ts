import type { JsonObject } from './json.ts'
import type { Migrations } from './migrations.ts'

/** The document version that this code reads and writes. */
export const documentVersion = 1

/**
 * The migrations to version 2 and later. They run before the schema is checked, and also on copied parts of a document, so any key may be
 * missing or wrong.
 */
export const documentMigrations: Migrations<JsonObject> = {}
