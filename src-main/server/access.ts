import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { createFileAtomic, writeFileAtomic } from '#engine/files/atomic.ts'
import { makeFilePrivate } from '#engine/files/make-folder.ts'
import { readRegularText } from '#engine/files/regular-file.ts'

/** Checks tokens and tickets. */
export interface Access {
  /** What cookies and `Authorization: Bearer` carry. */
  readonly token: string
  isToken(given: string): boolean
  /** Makes a ticket: it is exchanged for the token once. A browser is started with it, because other users can read command lines. */
  ticket(): string
  /** Whether `given` is the token or a valid ticket. Uses up the ticket. */
  admits(given: string): boolean
}

const secret = (): string => randomBytes(32).toString('base64url')

/** Compares in constant time. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

const tokenPattern = /^[\w-]{43}$/

/**
 * The token of a data folder, made once, so that an open page reconnects after a restart of the server. Of several that start
 * at once, the first makes it for all.
 * @throws LoomError `io`
 */
export async function keptToken(folder: string): Promise<string> {
  const file = join(folder, 'token')
  const kept = await readToken(file)
  if (kept !== undefined && tokenPattern.test(kept)) {
    await makeFilePrivate(file)
    return kept
  }
  const token = secret()
  try {
    if (kept === undefined) await createFileAtomic(file, token, { mode: 0o600 })
    else await writeFileAtomic(file, token, { mode: 0o600 })
  } catch (error) {
    if (error instanceof LoomError && error.code === 'conflict') return keptToken(folder)
    throw error
  }
  return token
}

async function readToken(file: string): Promise<string | undefined> {
  try {
    return await readRegularText(file)
  } catch (error) {
    if (error instanceof LoomError && error.code === 'not-found') return undefined
    throw error
  }
}

/** @param token as `keptToken` gives it */
export function createAccess(token: string): Access {
  const tickets: string[] = []
  const isToken = (given: string): boolean => same(given, token)
  return {
    token,
    isToken,
    ticket() {
      const ticket = secret()
      tickets.push(ticket)
      return ticket
    },
    admits(given) {
      if (isToken(given)) return true
      const at = tickets.findIndex((ticket) => same(given, ticket))
      if (at < 0) return false
      tickets.splice(at, 1)
      return true
    },
  }
}
