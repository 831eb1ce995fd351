import { type ServerMessage, serverMessage } from '#core/protocol/jobs.ts'
import { decodePreviewFrame, type PreviewFrame } from '#core/protocol/preview-frame.ts'
import { byteRoutes } from '#core/protocol/routes.ts'

/** Waits between attempts to connect, in milliseconds; each is about twice the one before. */
const firstWait = 250
const longestWait = 5000

interface Listeners {
  message(message: ServerMessage): void
  preview(frame: PreviewFrame): void
  state(state: 'connecting' | 'open' | 'lost'): void
  /** A message of another version, or damaged. */
  unreadable(cause: unknown): void
}

/**
 * Keeps a WebSocket to the server open, for as long as the page lives: after a loss it connects anew, and the server's `hello`
 * tells everything again.
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
    // Also after an attempt that failed: `close` always follows `error`.
    socket.addEventListener('close', () => {
      listeners.state('lost')
      setTimeout(connect, wait)
      wait = Math.min(wait * 2, longestWait)
    })
  }

  listeners.state('connecting')
  connect()
}
