import type { Duplex } from 'node:stream'
import cookie from '@fastify/cookie'
import websocket from '@fastify/websocket'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { LoomError } from '#core/errors.ts'
import { osCode } from '#engine/files/os-error.ts'
import type { Access } from './access.ts'
import { type Connections, limitConnections } from './connections.ts'
import { answerOf } from './errors.ts'
import { createGate } from './gate.ts'
import type { Addresses } from './guard.ts'
import type { ToClients } from './path-names.ts'
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

/** The HTTP server with its access check and its error answers, before any route is registered. */
export async function createApp(
  access: Access,
  addresses: Addresses,
  told: ToClients,
): Promise<{ app: FastifyInstance; connections: Connections }> {
  const answer = (reply: FastifyReply, thrown: unknown): FastifyReply => {
    const { status, body } = answerOf(thrown)
    return reply.code(status).send(told(body))
  }
  const connections = limitConnections()
  const gate = createGate(access, addresses, connections)
  const app = fastify({
    logger: false,
    bodyLimit: smallBody,
    requestTimeout: connectionLimits.requestTimeout,
    keepAliveTimeout: connectionLimits.keepAliveTimeout,
    forceCloseConnections: true,
    routerOptions: { maxParamLength },
    http: connectionLimits,
    // for an address that cannot be routed no hook runs, not even the one that ends the socket of a refused upgrade
    frameworkErrors(error, request, reply: FastifyReply) {
      reply.raw.once('finish', () => request.raw.socket.destroySoon())
      return gate(request, reply) ?? answer(reply.header('connection', 'close'), error)
    },
    clientErrorHandler: answerBrokenRequest,
  })
  connections.watch(app.server)
  app.removeContentTypeParser('text/plain')
  await app.register(cookie)
  // registered before the guard, because it closes the socket of a refused upgrade
  await app.register(websocket, { options: { maxPayload: maxFrame, perMessageDeflate: false } })
  app.addHook('onRequest', async (request, reply) => gate(request, reply))
  app.setErrorHandler((error, _request, reply) => answer(reply, error))
  app.setNotFoundHandler((_request, reply) =>
    answer(reply, new LoomError('not-found', 'There is nothing at this address.')),
  )
  return { app, connections }
}

/** Answers to what is no request, by the error of the HTTP parser. */
const brokenRequests = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
])

/**
 * Ends a connection that does not carry a whole request. One that never carried a byte is closed without an answer: browsers
 * open connections ahead, and would take the answer for that to their next request.
 */
export function answerBrokenRequest(error: Error, socket: Duplex): void {
  const silent = 'bytesRead' in socket && socket.bytesRead === 0
  if (silent || !socket.writable) return void socket.destroy()
  const status = brokenRequests.get(osCode(error)) ?? '400 Bad Request'
  // destroyed, because the client may never close its half
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}
