import type { IncomingMessage } from 'node:http'
import { hostname, networkInterfaces } from 'node:os'
import { LoomError } from '#core/errors.ts'

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']
const everyAddress = new Set(['0.0.0.0', '::'])

/** What this server is called. A request under any other name is refused, against DNS rebinding. */
export interface Addresses {
  /** `Host` names of this machine, which the port of the request follows. */
  readonly names: ReadonlySet<string>
  /** Origins of the proxies in front of it, by each `Host` that they are asked under. */
  readonly proxies: ReadonlyMap<string, string>
}

/**
 * @param host address or name to serve at; absent: this machine alone
 * @param origins of proxies, as {@link originOf} gives them
 */
export function addressesOf(host?: string, origins: readonly string[] = []): Addresses {
  return {
    names: ownNames(host),
    proxies: new Map(origins.flatMap((origin) => hostsOf(origin).map((at) => [at, origin]))),
  }
}

const usualPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/** A browser leaves out the usual port; a proxy may add it. */
function hostsOf(origin: string): string[] {
  const { protocol, host, port } = new URL(origin)
  return port === '' ? [host, `${host}:${usualPorts[protocol]}`] : [host]
}

/**
 * The origin in the form that browsers send.
 * @returns undefined for what is more or less than an origin of the web
 */
export function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { origin, href, protocol } = new URL(text)
  return protocol in usualPorts && href === `${origin}/` ? origin : undefined
}

function ownNames(host?: string): ReadonlySet<string> {
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
 * @returns the origin of the proxy that it was asked under, if any
 * @throws LoomError `forbidden`
 */
export function requireOwnRequest(
  { headers, rawHeaders, socket }: IncomingMessage,
  { names, proxies }: Addresses,
): string | undefined {
  const { origin } = headers
  const host = onlyHost(rawHeaders)?.toLowerCase()
  const proxy = host === undefined ? undefined : proxies.get(host)
  if (host === undefined || (proxy === undefined && !isOwnHost(host, names, socket.localPort ?? 0))) {
    throw new LoomError('forbidden', 'The server is not called by this name.', {
      hint: 'Use the address that latent-loom serve printed; name the address of a proxy with --origin.',
    })
  }
  const site = headers['sec-fetch-site']
  // many proxies ask under the address of this machine, whatever they were called
  const pages = new Set([proxy ?? `http://${host}`, ...proxies.values()])
  if ((origin !== undefined && !pages.has(origin)) || (site !== undefined && !ownSites.has(String(site)))) {
    throw new LoomError('forbidden', 'The server answers only its own pages.', {
      hint: 'Copy the address that latent-loom serve printed into the address bar of a new tab.',
    })
  }
  return proxy
}

/** Of two hosts a proxy may go by one and the server by the other. */
function onlyHost(rawHeaders: readonly string[]): string | undefined {
  const hosts = rawHeaders.filter((_, index) => rawHeaders[index - 1]?.toLowerCase() === 'host' && index % 2 === 1)
  return hosts.length === 1 ? hosts[0] : undefined
}

function isOwnHost(host: string, names: ReadonlySet<string>, port: number): boolean {
  const suffix = `:${port}`
  if (host.endsWith(suffix)) return names.has(host.slice(0, -suffix.length))
  return port === 80 && names.has(host)
}
