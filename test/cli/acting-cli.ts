import { main } from '#main/cli/main.ts'

/** The command line with the acting engine in place of the real one. */
const engineModule = new URL('../host/acting-engine.ts', import.meta.url).href
process.exitCode = await main(process.argv.slice(2), { engineModule })
