import type { IncomingHttpHeaders } from 'node:http'
import { hostname, networkInterfaces } from 'node:os'
import { LoomError } from '#core/errors.ts'

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']
const everyAddress = new Set(['0.0.0.0', '::'])

/**
 * The `Host` names that this server accepts, against DNS rebinding: a foreign name that points here is refused.
 * @param host address or name to serve at; absent: this machine alone
 */
export function ownNames(host?: string): ReadonlySet<string> {
  if (host === undefined) return new Set(loopbackNames)
  const addresses = Object.values(networkInterfaces()).flatMap((list = []) => list.map(({ address }) => address))
  const asked = everyAddress.has(host) ? [hostname(), ...addresses] : [host]
  return new Set([...loopbackNames, ...asked.map(inUrl)].map((name) => name.toLowerCase()))
}

/** The host part of this machine's URL for a server that listens at `host`. */
export function nameOf(host?: string): string {
  return host === undefined || everyAddress.has(host) ? '127.0.0.1' : inUrl(host)
}

/** An address or a name as written in a URL. */
function inUrl(host: string): string {
  return host.includes(':') ? `[${host.replace(/%.*$/, '')}]` : host
}

export function isLoopback(host: string): boolean {
  return loopbackNames.includes(inUrl(host)) || /^127(\.\d{1,3}){3}$/.test(host)
}

/** `Sec-Fetch-Site` of requests from our own pages and from the address bar. */
const ownSites = new Set(['same-origin', 'none'])

/**
 * Refuses a request that comes neither from a page of this server nor from a program.
 * @param port at which the request arrived
 * @throws LoomError `forbidden`
 */
export function requireOwnRequest(headers: IncomingHttpHeaders, names: ReadonlySet<string>, port: number): void {
  const { host, origin } = headers
  if (host === undefined || !isOwnHost(host.toLowerCase(), names, port)) {
    throw new LoomError('forbidden', 'The server is not called by this name.', {
      hint: 'Use the address that latent-loom serve printed.',
    })
  }
  const site = headers['sec-fetch-site']
  if ((origin !== undefined && origin !== `http://${host}`) || (site !== undefined && !ownSites.has(String(site)))) {
    throw new LoomError('forbidden', 'The server answers only its own pages.', {
      hint: 'Copy the address that latent-loom serve printed into the address bar of a new tab.',
    })
  }
}

function isOwnHost(host: string, names: ReadonlySet<string>, port: number): boolean {
  const suffix = `:${port}`
  if (host.endsWith(suffix)) return names.has(host.slice(0, -suffix.length))
  return port === 80 && names.has(host)
}
