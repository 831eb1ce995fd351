import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LoomError } from '#core/errors.ts'
import type { Access } from './access.ts'
import { entryPage } from './entry-page.ts'
import { answerOf } from './errors.ts'
import { requireOwnRequest } from './guard.ts'
import { headersOf } from './headers.ts'

/**
 * Checks every request, also for files, unknown paths and the WebSocket: foreign origins and requests without the token are
 * refused. `/?token=…` is exchanged for a cookie that scripts cannot read and other sites cannot send.
 */
export function guardEverything(app: FastifyInstance, access: Access, names: ReadonlySet<string>): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headersOf(request.url))
    try {
      requireOwnRequest(request.headers, names, portOf(request))
    } catch (error) {
      return refuse(request, reply, error)
    }
    const offered = offeredToken(request)
    if (offered !== undefined && access.admits(offered)) return enter(request, reply, access)
    if (offered !== undefined || !carriesToken(request, access)) return refuse(request, reply, noToken(), 401)
  })
}

const portOf = (request: FastifyRequest): number => request.socket.localPort ?? 0

/** The cookie's name contains the port: cookies ignore ports, so two servers would overwrite each other's. */
const cookieName = (request: FastifyRequest): string => `latent-loom-${portOf(request)}`

function carriesToken(request: FastifyRequest, access: Access): boolean {
  const [scheme, bearer = ''] = request.headers.authorization?.split(' ') ?? []
  if (scheme?.toLowerCase() === 'bearer') return access.isToken(bearer)
  return access.isToken(request.cookies[cookieName(request)] ?? '')
}

/** The token in the page's address, the only address that may carry it. */
function offeredToken({ method, url }: FastifyRequest): string | undefined {
  if (method !== 'GET' || !url.startsWith('/?')) return undefined
  return new URLSearchParams(url.slice(2)).get('token') ?? undefined
}

function enter(request: FastifyRequest, reply: FastifyReply, access: Access): FastifyReply {
  const open = new URLSearchParams(request.url.slice(2)).get('open')
  return reply
    .setCookie(cookieName(request), access.token, { path: '/', httpOnly: true, sameSite: 'strict' })
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
  if (request.url.startsWith('/api/')) return reply.send(answer.body)
  const { message, hint = '' } = answer.body.error
  return reply.type('text/html; charset=utf-8').send(entryPage('Latent Loom', `${message} ${hint}`))
}
