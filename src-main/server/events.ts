import type { FastifyInstance } from 'fastify'
import type { ServerMessage } from '#core/protocol/jobs.ts'
import { encodePreviewFrame, type PreviewFrame } from '#core/protocol/preview-frame.ts'
import { byteRoutes } from '#core/protocol/routes.ts'
import type { ToClients } from './path-names.ts'
import { createSubscriber, type Subscriber } from './subscriber.ts'

const maxSubscribers = 100
const heartbeat = 30_000

/** Sends events to every connected client. */
export interface Events {
  tell(message: ServerMessage): void
  preview(frame: PreviewFrame): void
  /** Registers the WebSocket route. @param hello the whole state, sent first */
  register(app: FastifyInstance, hello: () => ServerMessage): void
  close(): void
}

/** @param told what leaves of a message */
export function createEvents(told: ToClients): Events {
  const subscribers = new Set<Subscriber>()
  let closed = false
  const timer = setInterval(() => {
    for (const subscriber of subscribers) subscriber.beat()
  }, heartbeat).unref()

  return {
    tell(message) {
      const text = JSON.stringify(told(message))
      for (const subscriber of subscribers) {
        if (message.type === 'job' && message.job.finished !== undefined) subscriber.endPreviews(message.job.id)
        subscriber.tell(text)
      }
    },
    preview(frame) {
      const bytes = encodePreviewFrame(frame)
      for (const subscriber of subscribers) subscriber.preview(frame.job, frame.node, bytes)
    },
    register(app, hello) {
      app.get(byteRoutes.events, { websocket: true }, (socket) => {
        if (closed) return socket.close(1001, 'the server ends')
        if (subscribers.size >= maxSubscribers) return socket.close(1013, 'too many clients')
        const subscriber = createSubscriber(socket)
        subscribers.add(subscriber)
        socket.on('close', () => subscribers.delete(subscriber))
        subscriber.tell(JSON.stringify(told(hello())))
      })
    },
    close() {
      closed = true
      clearInterval(timer)
      for (const subscriber of subscribers) subscriber.close()
    },
  }
}
