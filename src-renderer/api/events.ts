import { type ServerMessage, serverMessage } from '#core/protocol/jobs.ts'
import { decodePreviewFrame, type PreviewFrame } from '#core/protocol/preview-frame.ts'
import { byteRoutes } from '#core/protocol/routes.ts'

/** Delays between attempts to connect, in milliseconds. Each is about twice the one before. */
const firstWait = 250
const longestWait = 5000

interface Listeners {
  message(message: ServerMessage): void
  preview(frame: PreviewFrame): void
  state(state: 'connecting' | 'open' | 'lost'): void
  /** Called for a message that is damaged or of another version. */
  unreadable(cause: unknown): void
}

/**
 * Keeps a WebSocket to the server open while the page exists. It reconnects after a loss; the server's `hello` then
 * sends the whole state again.
 */
export function connectEvents(listeners: Listeners): void {
  let wait = firstWait

  function connect(): void {
    const socket = new WebSocket(new URL(byteRoutes.events, location.href))
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => {
      wait = firstWait
      listeners.state('open')
    })
    socket.addEventListener('message', ({ data }) => {
      try {
        if (typeof data === 'string') listeners.message(serverMessage.parse(JSON.parse(data)))
        else listeners.preview(decodePreviewFrame(new Uint8Array(data)))
      } catch (cause) {
        listeners.unreadable(cause)
      }
    })
    // also after a failed attempt, because `close` always follows `error`
    socket.addEventListener('close', () => {
      listeners.state('lost')
      setTimeout(connect, wait)
      wait = Math.min(wait * 2, longestWait)
    })
  }

  listeners.state('connecting')
  connect()
}
