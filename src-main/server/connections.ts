import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Connections of each sort that a server holds at once. */
const maxConnections = 512

/** Tells the connections that have carried the token from those that have not. */
export interface Connections {
  /** Limits what a server accepts. */
  watch(server: Server): void
  /** Says that a request with the token came through a connection. */
  admit(socket: Socket): void
}

/**
 * Of the connections without the token the oldest makes room for a new one, so that however many are opened, the page that
 * has the token gets in.
 */
export function limitConnections(max = maxConnections): Connections {
  const anonymous = new Set<Socket>()
  return {
    watch(server) {
      // the others share the rest
      server.maxConnections = 2 * max
      server.on('connection', (socket) => {
        anonymous.add(socket)
        socket.once('close', () => anonymous.delete(socket))
        const [oldest] = anonymous
        if (anonymous.size > max) oldest?.destroy()
      })
    },
    admit(socket) {
      anonymous.delete(socket)
    },
  }
}
