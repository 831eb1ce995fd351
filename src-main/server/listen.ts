import { createServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { LoomError } from '#core/errors.ts'
import { osCode } from '#engine/files/os-error.ts'
import { answerBrokenRequest, connectionLimits } from './app.ts'
import type { Connections } from './connections.ts'

/**
 * The ports that are tried in turn after the last one, any free one last. Mostly the same one, because a browser keeps
 * settings by address.
 */
const usualPort = 7467
const usualPorts = [...Array.from({ length: 10 }, (_, index) => usualPort + index), 0]

/** The second listener, at this machine's other loopback address. */
interface Twin {
  close(): void
}

/**
 * Listens at `host`, or at both loopback addresses where the machine has both.
 * @param port 0 for any free port; absent for the last one or the default port or, if that is taken, one of the next, or any
 * @throws LoomError `io` if no address can be bound
 */
export async function listen(
  { app, connections }: { app: FastifyInstance; connections: Connections },
  host?: string,
  { port, lastPort = usualPort }: { port?: number | undefined; lastPort?: number | undefined } = {},
): Promise<{ port: number; twin: Twin }> {
  const address = host ?? '127.0.0.1'
  const ports = port === undefined ? [lastPort, ...usualPorts] : [port]
  for (const [index, candidate] of ports.entries()) {
    try {
      await app.listen({ host: address, port: candidate })
      break
    } catch (error) {
      if (osCode(error) !== 'EADDRINUSE' || index === ports.length - 1) throw cannotListen(error, address, candidate)
    }
  }
  const chosen = portOf(app)
  return { port: chosen, twin: host === undefined ? await listenAtLoopback6(app, connections, chosen) : { close() {} } }
}

function portOf(app: FastifyInstance): number {
  const address = app.server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** Browsers try ::1 first for "localhost". Where there is no IPv6, or the port is taken there, 127.0.0.1 serves. */
function listenAtLoopback6(app: FastifyInstance, connections: Connections, port: number): Promise<Twin> {
  const server = createServer(connectionLimits, (request, response) => app.routing(request, response))
  server.keepAliveTimeout = connectionLimits.keepAliveTimeout
  server.on('clientError', answerBrokenRequest)
  connections.watch(server)
  server.on('upgrade', (...upgrade) => app.server.emit('upgrade', ...upgrade))
  return new Promise((resolve) => {
    server.once('error', () => resolve({ close() {} }))
    server.listen({ host: '::1', port }, () =>
      resolve({
        close() {
          server.close()
          server.closeAllConnections()
        },
      }),
    )
  })
}

function cannotListen(cause: unknown, host: string, port: number): LoomError {
  const taken = osCode(cause) === 'EADDRINUSE'
  const detail = taken ? 'it is in use' : cause instanceof Error ? cause.message : String(cause)
  return new LoomError('io', `The server cannot listen at ${host}, port ${port}: ${detail}.`, {
    hint: taken ? 'Name another port with --port, or 0 for any that is free.' : 'Name another --host or --port.',
    cause,
  })
}
