import { LoomError } from '#core/errors.ts'
import type { SessionValue } from '../runtime/values.ts'

/** The value that a session is made from. */
export type SessionSource = SessionValue['of']

/** @throws LoomError `internal` if the session was made from another kind of value */
export function asKind<K extends SessionSource['kind']>(
  of: SessionSource,
  kind: K,
): Extract<SessionSource, { kind: K }> {
  if (isKind(of, kind)) return of
  throw new LoomError('internal', `A session of a ${kind} was asked for, but a ${of.kind} was given.`)
}

function isKind<K extends SessionSource['kind']>(
  of: SessionSource,
  kind: K,
): of is Extract<SessionSource, { kind: K }> {
  return of.kind === kind
}
