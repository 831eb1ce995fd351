import { open } from 'node:fs'
import { main } from '#main/cli/main.ts'
import { actingContext } from './acting-context.ts'

const { ACTING_END_LIMITS: limits, ACTING_PIPE: pipe } = process.env
// nobody writes into the pipe: a call that never ends, as on a lost drive
if (pipe) open(pipe, () => {})
process.exitCode = await main(process.argv.slice(2), {
  ...actingContext,
  ...(limits && { endLimits: JSON.parse(limits) }),
})
