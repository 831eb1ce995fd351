import { LoomError } from '#core/errors.ts'
import type { SessionValue } from '../runtime/values.ts'

/** What a session is made of. */
export type SessionSource = SessionValue['of']

/** @throws LoomError `internal` if a step was given a session of something else than its signature allows for */
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
