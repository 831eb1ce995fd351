import { lookup } from 'node:dns'
import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import { notPublic, webAddress } from './link.ts'
import { isPublic } from './public-address.ts'

/** Bytes of a workflow, or of a picture that carries one. */
const limit = 64 * 2 ** 20
const maxRedirections = 3
/** Milliseconds for all of it. */
const patience = 60_000

/** The beginning of an answer. */
export interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly body: AsyncIterable<Uint8Array>
}

/** Asks a server. */
type Ask = (address: URL, signal: AbortSignal) => Promise<Answer>

/**
 * Fetches a file from the open web. Every redirection is held to the same rules as the address itself.
 * @throws Error with a sentence to show
 */
export async function download(address: URL, ask: Ask = askWeb): Promise<Uint8Array<ArrayBuffer>> {
  const ending = new AbortController()
  const late = setTimeout(() => ending.abort(new Error(`${address.host} took too long.`)), patience)
  try {
    let at = address
    for (let redirections = 0; redirections <= maxRedirections; redirections++) {
      const { status, location, body } = await ask(at, ending.signal)
      if (status === 200) return await wholeOf(body, address.host)
      if (status < 300 || status > 399 || location === undefined) {
        throw new Error(`${at.host} answered with status ${status} instead of a file.`)
      }
      at = webAddress(location, at)
    }
    throw new Error(`${address.host} leads on and on.`)
  } catch (error) {
    throw ending.signal.aborted ? ending.signal.reason : error
  } finally {
    clearTimeout(late)
    ending.abort()
  }
}

async function wholeOf(body: AsyncIterable<Uint8Array>, host: string): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += part.length
    if (bytes > limit) throw new Error(`What ${host} sends is larger than ${limit / 2 ** 20} MiB.`)
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

/** Connects only to addresses that were looked at, so that a name cannot change its meaning in between. */
const lookupPublic: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? []
    if (error || !first) return callback(error ?? notPublic(host), [])
    if (!addresses.every(({ address }) => isPublic(address))) return callback(notPublic(host), [])
    if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}

/** Not with a browser's session: no cookie, no account, no proxy that could stand between the check and the connection. */
const askWeb: Ask = (address, signal) =>
  new Promise((resolve, reject) => {
    const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'Latent Loom' }
    const asked = request(address, { agent: false, headers, lookup: lookupPublic, signal })
    asked.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === undefined ? error : new Error(`${address.host} does not answer (${error.code}).`)),
    )
    asked.once('response', (answer) =>
      resolve({ status: answer.statusCode ?? 0, location: answer.headers.location, body: answer }),
    )
    asked.end()
  })
