import { open } from 'node:fs'
import { main } from '#main/cli/main.ts'
import { actingContext } from './acting-context.ts'

/** More than the threads that Node has for calls, if nobody asks for more. */
const hangingCalls = 6

const { ACTING_END_LIMITS: limits, ACTING_PIPE: pipe } = process.env
const ended = main(process.argv.slice(2), { ...actingContext, ...(limits && { endLimits: JSON.parse(limits) }) })
// nobody writes into the pipe: calls that never end, as on a lost drive
if (pipe) for (let call = 0; call < hangingCalls; call++) open(pipe, () => {})
process.exitCode = await ended
