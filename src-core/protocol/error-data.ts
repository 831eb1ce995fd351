import { LoomError } from '#core/errors.ts'
import type { ErrorData } from './messages.ts'

/** The problems in the cause of an `invalid` error. Other errors have none. */
export function problemsOf(error: LoomError): readonly LoomError[] {
  return Array.isArray(error.cause) ? error.cause.filter((cause) => cause instanceof LoomError) : []
}

/** A thrown value as plain data. Anything but a `LoomError` is a bug in the program and gets the code `internal`. */
export function toErrorData(thrown: unknown): ErrorData {
  const error = thrown instanceof LoomError ? thrown : internal(thrown)
  const { code, message, node, input, hint, answers, sourceAnswers } = error
  const problems = problemsOf(error)
  return {
    code,
    message,
    ...(node !== undefined && { node }),
    ...(input !== undefined && { input }),
    ...(hint !== undefined && { hint }),
    ...(answers && { answers: [...answers] }),
    ...(sourceAnswers && { sourceAnswers: { ...sourceAnswers } }),
    stack: stackOf(error),
    ...(problems.length > 0 && { problems: problems.map(toErrorData) }),
  }
}

/** The inverse of `toErrorData`. The error has its original stack. */
export function fromErrorData(data: ErrorData): LoomError {
  const { code, message, stack, problems, ...place } = data
  const error = new LoomError(code, message, { ...place, cause: problems?.map(fromErrorData) })
  if (stack !== undefined) error.stack = stack
  return error
}

/** The error without stacks, for clients of the server. */
export function withoutStack({ stack, problems, ...data }: ErrorData): ErrorData {
  return { ...data, ...(problems && { problems: problems.map(withoutStack) }) }
}

function internal(thrown: unknown): LoomError {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new LoomError('internal', `Latent Loom failed: ${message}`, {
    hint: 'This is a fault of Latent Loom; run it again with --verbose and report what it prints.',
    cause: thrown,
  })
}

/** Stacks of the error and its causes: the bug is where the cause of an `internal` error was thrown. */
function stackOf(error: Error): string {
  const own = error.stack ?? String(error)
  return error.cause instanceof Error ? `${own}\nCaused by: ${stackOf(error.cause)}` : own
}
