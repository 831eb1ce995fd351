import type { JsonObject } from './json.ts'
import type { Migrations } from './migrations.ts'

/** The document version that this code reads and writes. */
export const documentVersion = 1

/**
 * How documents came to their version, from 2 on. A migration meets what was not checked yet, and a copied part of a document has few of
 * its keys, so it relies on none.
 */
export const documentMigrations: Migrations<JsonObject> = {}
