import { isIP } from 'node:net'
import { z } from 'zod'
import { isPublic } from './public-address.ts'
import { parseAddress } from './sender.ts'

const isLink = (argument: string): boolean => /^latentloom:/i.test(argument)

/** The links among a program's arguments: systems hand them over so. */
export const linksIn = (args: readonly string[]): string[] => args.filter(isLink)

/** The only link there is: `latentloom://import?url=https://…`. What it does not name is refused, so that it can do nothing else. */
const importLink = z.strictObject({
  protocol: z.literal('latentloom:'),
  host: z.literal('import'),
  username: z.literal(''),
  password: z.literal(''),
  path: z.enum(['', '/']),
  hash: z.literal(''),
  search: z.tuple([z.tuple([z.literal('url'), z.string().max(2000)])]),
})

/**
 * The address that a link wants to be imported.
 * @throws Error with a sentence to show if the link is anything else, or the address is not one of the open web
 */
export function readLink(link: string): URL {
  const parsed = importLink.safeParse(partsOf(link))
  if (!parsed.success) throw new Error('Links to Latent Loom only import: latentloom://import?url=https://…')
  const [[, address]] = parsed.data.search
  return webAddress(address)
}

function partsOf(link: string): unknown {
  const url = link.length > 4000 ? undefined : parseAddress(link)
  if (!url) return undefined
  const { protocol, host, username, password, pathname: path, hash, searchParams } = url
  return { protocol, host, username, password, path, hash, search: [...searchParams] }
}

/**
 * An address of the open web.
 * @param base what a redirection starts from
 * @throws Error with a sentence to show for other schemes and ports, accounts, and addresses inside a network
 */
export function webAddress(text: string, base?: URL): URL {
  const address = parseAddress(text, base)
  if (!address) throw new Error(`This is no address: ${text}`)
  const { protocol, port, username, password, hostname } = address
  if (protocol !== 'https:' || port !== '' || username !== '' || password !== '') {
    throw new Error('Only plain https addresses are imported, without an account and a port.')
  }
  const ip = hostname.replace(/^\[|\]$/g, '')
  if (isIP(ip) !== 0 && !isPublic(ip)) throw notPublic(hostname)
  return address
}

export const notPublic = (host: string): Error =>
  new Error(`${host} is an address of this machine or of your network. Links import from the open web alone.`)
