import { createHash } from 'node:crypto'
import { LoomError } from '#core/errors.ts'

/** An opaque id that is the same whenever the text is; it is only ever looked up. */
export function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** What a route answers for an id that is not one of the server's. */
export function unknownId(what: string): LoomError {
  return new LoomError('not-found', `There is no such ${what}.`, {
    hint: 'It was deleted or moved; look at the list again.',
  })
}
