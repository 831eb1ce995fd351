import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Who may come in. */
export interface Access {
  /** What cookies and `Authorization: Bearer` carry. */
  readonly token: string
  isToken(given: string): boolean
  /** A word that is exchanged for the token once: a browser is started with it, for everybody can read command lines. */
  ticket(): string
  /** Whether `given` is the token or a ticket; a ticket is used up. */
  admits(given: string): boolean
}

const secret = (): string => randomBytes(32).toString('base64url')

/** Equal, in a time that tells nothing of where they differ. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

/**
 * The token of a data folder, made once: a page that is open finds its way back when the server was started again.
 * @throws Error of the file system
 */
export async function keptToken(folder: string): Promise<string> {
  const file = join(folder, 'token')
  const kept = await readFile(file, 'utf8').catch(() => '')
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
