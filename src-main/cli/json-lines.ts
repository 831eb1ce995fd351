import type { LoomError } from '#core/errors.ts'
import { toErrorData, withoutStack } from '#core/protocol/error-data.ts'
import type { Result, RunEvent } from '#core/protocol/messages.ts'
import { printJson } from './output.ts'

/** An event of a run as a line of JSON; previews are bytes and stay out. */
export function printEventLine(event: RunEvent): void {
  if (event.type === 'preview') return
  const { type, ...rest } = event
  printJson({ type, ...rest, ...('error' in event && { error: withoutStack(event.error) }) })
}

/** The last line of a run that succeeded. */
export function printDoneLine(result: Result<'run'>): void {
  printJson({ type: 'done', ...result })
}

/** The last line of a command that failed; stacks only with `verbose`. */
export function printErrorLine(error: LoomError, verbose: boolean): void {
  const data = toErrorData(error)
  printJson({ type: 'error', error: verbose ? data : withoutStack(data) })
}
