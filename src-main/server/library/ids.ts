import { createHash } from 'node:crypto'
import { LoomError } from '#core/errors.ts'

/** An opaque id. Equal texts have equal ids; an id is only ever looked up, never decoded. */
export function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** The error for an id that the server never gave. */
export function unknownId(what: string): LoomError {
  return new LoomError('not-found', `There is no such ${what}.`, {
    hint: 'It was deleted or moved; look at the list again.',
  })
}
