import type { FastifyReply, FastifyRequest } from 'fastify'
import { LoomError } from '#core/errors.ts'
import type { Access } from './access.ts'
import type { Connections } from './connections.ts'
import { entryPage } from './entry-page.ts'
import { answerOf } from './errors.ts'
import { type Addresses, requireOwnRequest } from './guard.ts'
import { headersOf, isInterface } from './headers.ts'

/**
 * Checks a request, also one for a file, an unknown path, an address that cannot be decoded or the WebSocket: foreign origins
 * and requests without the token are refused. `/?token=…` is exchanged for a cookie that scripts cannot read and other sites
 * cannot send.
 * @returns the reply if it has been sent
 */
export type Gate = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined

/** @param connections told of those that carry the token */
export function createGate(access: Access, addresses: Addresses, connections: Connections): Gate {
  return (request, reply) => {
    reply.headers(headersOf(request.url))
    try {
      const proxy = requireOwnRequest(request.raw, addresses)
      const offered = offeredToken(request)
      if (offered !== undefined && access.admits(offered)) return enter(request, reply, access, proxy)
      if (offered !== undefined || !carriesToken(request, access)) return refuse(request, reply, noToken(), 401)
    } catch (error) {
      return refuse(request, reply, error)
    }
    connections.admit(request.socket)
    return undefined
  }
}

const portOf = (request: FastifyRequest): number => request.socket.localPort ?? 0

/** The cookie's name contains the port: cookies ignore ports, so two servers would overwrite each other's. */
const cookieName = (request: FastifyRequest): string => `latent-loom-${portOf(request)}`

function carriesToken(request: FastifyRequest, access: Access): boolean {
  const [scheme, bearer = ''] = request.headers.authorization?.split(' ') ?? []
  if (scheme?.toLowerCase() === 'bearer') return access.isToken(bearer)
  return cookiesNamed(cookieName(request), request.headers.cookie).some((value) => access.isToken(value))
}

/** Every cookie of the name: another program on the same host can set one for a longer path, which browsers send first. */
function cookiesNamed(name: string, header = ''): string[] {
  return header.split(';').flatMap((pair) => {
    const [key = '', value = ''] = pair.split('=', 2)
    return key.trim() === name ? [value.trim()] : []
  })
}

/** The token in the page's address, the only address that may carry it. */
function offeredToken({ method, url }: FastifyRequest): string | undefined {
  if (method !== 'GET' || !url.startsWith('/?')) return undefined
  return new URLSearchParams(url.slice(2)).get('token') ?? undefined
}

function enter(request: FastifyRequest, reply: FastifyReply, access: Access, proxy?: string): FastifyReply {
  const open = new URLSearchParams(request.url.slice(2)).get('open')
  return reply
    .setCookie(cookieName(request), access.token, {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: proxy?.startsWith('https:') ?? false,
    })
    .header('cache-control', 'no-store')
    .redirect(open === null ? '/' : `/#open=${encodeURIComponent(open)}`, 303)
}

function noToken(): LoomError {
  return new LoomError('forbidden', 'The server asks for its token.', {
    hint: 'Open the whole address that latent-loom serve printed, with the token at its end.',
  })
}

/** Closes the connection, so that the body of a refused request is not read. */
function refuse(request: FastifyRequest, reply: FastifyReply, error: unknown, status?: number): FastifyReply {
  const answer = answerOf(error)
  reply.code(status ?? answer.status).headers({ connection: 'close', 'cache-control': 'no-store' })
  if (isInterface(request.url)) return reply.send(answer.body)
  const { message, hint = '' } = answer.body.error
  return reply.type('text/html; charset=utf-8').send(entryPage('Latent Loom', `${message} ${hint}`))
}
