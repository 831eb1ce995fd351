import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Who may come in. */
export interface Access {
  /** For as long as the server lives: what cookies and `Authorization: Bearer` carry. */
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

export function createAccess(): Access {
  const token = secret()
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
