import cookie from '@fastify/cookie'
import websocket from '@fastify/websocket'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { LoomError } from '#core/errors.ts'
import type { Access } from './access.ts'
import { answerOf } from './errors.ts'
import { guardEverything } from './gate.ts'
import { headersOf } from './headers.ts'
import { smallBody } from './rest.ts'

/** Characters of a route parameter at most; ids and asset names are shorter. */
const maxParamLength = 256

/** Bytes of a WebSocket message at most; clients only send pings. */
const maxFrame = 1024

/** Milliseconds after which a silent connection is closed. */
export const connectionLimits = {
  headersTimeout: 5_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
}
export const maxConnections = 512

/** The HTTP server with its access check and its error answers, before any route is registered. */
export async function createApp(access: Access, names: ReadonlySet<string>): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: smallBody,
    requestTimeout: connectionLimits.requestTimeout,
    keepAliveTimeout: connectionLimits.keepAliveTimeout,
    forceCloseConnections: true,
    routerOptions: { maxParamLength },
    http: connectionLimits,
    frameworkErrors: (error, _request, reply: FastifyReply) => answer(reply.headers(headersOf('/api/')), error),
    clientErrorHandler(_error, socket) {
      // destroyed, because the client may never close its half
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy())
    },
  })
  app.server.maxConnections = maxConnections
  app.removeContentTypeParser('text/plain')
  await app.register(cookie)
  // registered before the guard, because it closes the socket of a refused upgrade
  await app.register(websocket, { options: { maxPayload: maxFrame, perMessageDeflate: false } })
  guardEverything(app, access, names)
  app.setErrorHandler((error, _request, reply) => answer(reply, error))
  app.setNotFoundHandler((_request, reply) =>
    answer(reply, new LoomError('not-found', 'There is nothing at this address.')),
  )
  return app
}

function answer(reply: FastifyReply, error: unknown): FastifyReply {
  const { status, body } = answerOf(error)
  return reply.code(status).send(body)
}
