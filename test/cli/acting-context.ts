import { fileURLToPath } from 'node:url'
import type { Context } from '#main/cli/command.ts'

/** The acting engine in place of the real one, and a page that needs no build. */
export const actingContext: Context = {
  engineModule: new URL('../host/acting-engine.ts', import.meta.url).href,
  editorFolder: fileURLToPath(new URL('../fixtures/editor', import.meta.url)),
}
