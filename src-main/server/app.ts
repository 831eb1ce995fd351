import cookie from '@fastify/cookie'
import websocket from '@fastify/websocket'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { LoomError } from '#core/errors.ts'
import type { Access } from './access.ts'
import { answerOf } from './errors.ts'
import { guardEverything } from './gate.ts'
import { headersOf } from './headers.ts'
import { smallBody } from './rest.ts'

/** Ids of the server and names of assets are shorter. */
const maxParamLength = 256

/** Bytes of a message on the WebSocket; clients have nothing to say there. */
const maxFrame = 1024

/** What holds a connection open without saying anything is ended after these times, in milliseconds. */
export const connectionLimits = {
  headersTimeout: 5_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
}
export const maxConnections = 512

/** An HTTP server that answers nothing yet but whom it lets in. */
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
      // destroyed, for the other side may never end its half
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy())
    },
  })
  app.server.maxConnections = maxConnections
  app.removeContentTypeParser('text/plain')
  await app.register(cookie)
  // before the guard: it ends the socket of an upgrade that is refused
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
