import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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

/**
 * The token of a data folder, made once, so that an open page reconnects after a restart of the server.
 * @throws Error of the file system
 */
export async function keptToken(folder: string): Promise<string> {
  const file = join(folder, 'token')
  const kept = await readRegularText(file).catch(() => '')
  if (/^[\w-]{43}$/.test(kept)) return kept
  const token = secret()
  await mkdir(folder, { recursive: true })
  await rm(file, { force: true })
  await writeFile(file, token, { mode: 0o600, flag: 'wx' })
  return token
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
