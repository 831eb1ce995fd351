import { LoomError } from '#core/errors.ts'
import type { ErrorData } from './messages.ts'

/** The problems that an `invalid` error carries in its cause; none for any other error. */
export function problemsOf(error: LoomError): readonly LoomError[] {
  return Array.isArray(error.cause) ? error.cause.filter((cause) => cause instanceof LoomError) : []
}

/** A thrown value as plain data; what is no `LoomError` is a fault of the program: `internal`. */
export function toErrorData(thrown: unknown): ErrorData {
  const error = thrown instanceof LoomError ? thrown : internal(thrown)
  const { code, message, node, input, hint } = error
  const problems = problemsOf(error)
  return {
    code,
    message,
    ...(node !== undefined && { node }),
    ...(input !== undefined && { input }),
    ...(hint !== undefined && { hint }),
    stack: stackOf(error),
    ...(problems.length > 0 && { problems: problems.map(toErrorData) }),
  }
}

/** The error that `toErrorData` was given, with the stack of where it was thrown. */
export function fromErrorData(data: ErrorData): LoomError {
  const { code, message, node, input, hint, stack, problems } = data
  const error = new LoomError(code, message, { node, input, hint, cause: problems?.map(fromErrorData) })
  if (stack !== undefined) error.stack = stack
  return error
}

/** What a program is told of an error. */
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

/** Stacks of the error and its causes: what an `internal` error wraps is where the fault is. */
function stackOf(error: Error): string {
  const own = error.stack ?? String(error)
  return error.cause instanceof Error ? `${own}\nCaused by: ${stackOf(error.cause)}` : own
}
