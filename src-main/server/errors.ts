import { type ErrorCode, LoomError } from '#core/errors.ts'
import { toErrorData, withoutStack } from '#core/protocol/error-data.ts'
import type { ErrorData } from '#core/protocol/messages.ts'
import { systemError } from '#engine/files/os-error.ts'

const statuses: Record<ErrorCode, number> = {
  parse: 400,
  limit: 413,
  range: 400,
  type: 400,
  unsupported: 415,
  'not-found': 404,
  'missing-input': 422,
  cycle: 422,
  'unknown-node': 422,
  unsure: 400,
  mismatch: 422,
  io: 500,
  memory: 503,
  cancelled: 409,
  engine: 502,
  conflict: 409,
  forbidden: 403,
  usage: 400,
  invalid: 422,
  internal: 500,
}

/** Error codes for the refusals of the HTTP parser and the body parser, by status. */
const refusals = new Map<number, ErrorCode>([
  [404, 'not-found'],
  [413, 'limit'],
  [414, 'limit'],
  [415, 'unsupported'],
  [431, 'limit'],
])

/** The answer for a thrown value. It never contains a stack. */
export function answerOf(thrown: unknown): { status: number; body: { error: ErrorData } } {
  const error = asLoomError(thrown)
  return { status: statuses[error.code], body: { error: withoutStack(toErrorData(error)) } }
}

function asLoomError(thrown: unknown): unknown & LoomError {
  const known = thrown instanceof LoomError ? thrown : systemError(thrown)
  if (known) return known
  const status = thrown instanceof Error && 'statusCode' in thrown ? Number(thrown.statusCode) : 500
  if (thrown instanceof Error && status >= 400 && status < 500) {
    return new LoomError(refusals.get(status) ?? 'parse', `The request was refused: ${thrown.message}`)
  }
  return new LoomError('internal', `The server failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
    hint: 'This is a fault of Latent Loom; start it with --verbose and report what it prints.',
    cause: thrown,
  })
}
