import { fileURLToPath } from 'node:url'
import { main } from '#main/cli/main.ts'

/** The command line with the acting engine in place of the real one, and a page that needs no build. */
const engineModule = new URL('../host/acting-engine.ts', import.meta.url).href
const editorFolder = fileURLToPath(new URL('../fixtures/editor', import.meta.url))
process.exitCode = await main(process.argv.slice(2), { engineModule, editorFolder })
