import { main } from '#main/cli/main.ts'
import { actingContext } from './acting-context.ts'

process.exitCode = await main(process.argv.slice(2), actingContext)
