import type { WebSocket } from 'ws'

/** Unsent bytes at which a client that does not read is disconnected. */
const maxWaiting = 32 * 2 ** 20
/** Unsent bytes beyond which a client gets no previews until it has read. */
const busy = 256 * 1024
/** Frames that a client may send between two heartbeats; it only needs pings. */
const maxFrames = 600

/** One connected client. */
export interface Subscriber {
  /** Sends what must arrive. A client that has not read the last 32 MiB is cut off; it gets the whole state when it comes back. */
  tell(text: string): void
  /** Sends a picture that the next one of the same job and node replaces while it waits. */
  preview(job: string, node: string, frame: Uint8Array): void
  /** Sends the newest previews of a job that is over before it is told so, unless the client is busy: none comes after. */
  endPreviews(job: string): void
  /** Asks for a sign of life, and cuts off who gave none since the last time. */
  beat(): void
  close(): void
}

export function createSubscriber(socket: WebSocket): Subscriber {
  const waiting = new Map<string, { job: string; frame: Uint8Array }>()
  let sending = false
  let alive = true
  let frames = 0

  const count = () => {
    alive = true
    if (++frames > maxFrames || socket.bufferedAmount > maxWaiting) socket.terminate()
  }
  for (const event of ['message', 'ping', 'pong'] as const) socket.on(event, count)

  function pump(): void {
    if (sending || socket.bufferedAmount > busy) return
    const [next] = waiting
    if (!next) return
    const [key, { frame }] = next
    waiting.delete(key)
    sending = true
    socket.send(frame, (error) => {
      sending = false
      if (!error) pump()
    })
  }

  return {
    tell(text) {
      if (socket.bufferedAmount > maxWaiting) socket.terminate()
      // what comes in front of a waiting preview tells when the client reads again
      else socket.send(text, (error) => error ?? pump())
    },
    preview(job, node, frame) {
      const key = `${job} ${node}`
      waiting.delete(key)
      waiting.set(key, { job, frame })
      pump()
    },
    endPreviews(job) {
      for (const [key, preview] of waiting) {
        if (preview.job !== job) continue
        waiting.delete(key)
        if (socket.bufferedAmount <= busy) socket.send(preview.frame)
      }
    },
    beat() {
      if (!alive) return socket.terminate()
      alive = false
      frames = 0
      socket.ping()
    },
    close: () => socket.close(1001),
  }
}
