import { mkdtempSync, rmSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import { WebSocket } from 'ws'
import { type Job, type ServerMessage, serverMessage } from '#core/protocol/jobs.ts'
import { decodePreviewFrame, type PreviewFrame } from '#core/protocol/preview-frame.ts'
import { createServer, type Server, type ServerOptions } from '#main/server/server.ts'
import { actDocument } from '../cli/command-line.ts'

const engineModule = new URL('../host/acting-engine.ts', import.meta.url).href
const editorFolder = fileURLToPath(new URL('../fixtures/editor', import.meta.url))

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

/** A folder that is gone after the test. */
export function passingFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'loom-server-'))
  endings.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  json(): unknown
}

interface Question {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface Serving {
  readonly server: Server
  readonly port: number
  readonly folder: string
  /** Asks as a program without the token does. Every header is as given, `host` too. */
  ask(path: string, question?: Question): Promise<Answer>
  /** Asks with the token, and sends JSON. */
  call(method: string, path: string, body?: unknown): Promise<Answer>
  submit(act: string, more?: object): Promise<Job>
  /** Waits until a job is over. */
  over(id: string): Promise<Job>
  connect(): Promise<Listener>
}

/** The real server on the acting engine, for one test. */
export async function serve(options: Partial<ServerOptions> = {}): Promise<Serving> {
  const folder = passingFolder()
  const server = await createServer({
    engineModule,
    editorFolder,
    dataFolder: join(folder, 'data'),
    modelFolders: [join(folder, 'models')],
    port: 0,
    ...options,
  })
  endings.push(() => server.close())
  const port = Number(new URL(server.origin).port)
  const authorization = `Bearer ${server.token}`

  const ask: Serving['ask'] = (path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
      const asked = request(
        { host: '127.0.0.1', port, path, method, headers: { ...length, ...headers } },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            const { statusCode: status = 0, headers } = response
            resolve({ status, headers, text, json: () => JSON.parse(text) })
          })
        },
      )
      asked.on('error', reject)
      asked.end(body)
    })

  const call: Serving['call'] = (method, path, body = {}) =>
    ask(path, {
      method,
      headers: { authorization, ...(method !== 'GET' && { 'content-type': 'application/json' }) },
      ...(method !== 'GET' && { body: JSON.stringify(body) }),
    })

  async function submit(act: string, more: object = {}): Promise<Job> {
    const answer = await call('POST', '/api/jobs', { document: act, name: act, workflow: actDocument(act), ...more })
    if (answer.status !== 200) throw new Error(answer.text)
    return answer.json() as Job
  }

  async function over(id: string): Promise<Job> {
    const listener = await listen()
    const job = await listener.job(id, (candidate) => candidate.finished !== undefined)
    listener.socket.close()
    return job
  }

  async function listen(): Promise<Listener> {
    const listener = listenTo(new WebSocket(`ws://127.0.0.1:${port}/api/events`, { headers: { authorization } }))
    endings.push(() => listener.socket.terminate())
    await listener.hello
    return listener
  }

  return { server, port, folder, ask, call, submit, over, connect: listen }
}

/** How an upgrade to the WebSocket is answered: 101, or the status of the refusal. */
export function upgrade({ port }: Serving, path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', reject)
  })
}

/** Writes bytes to the port and gives all that comes back until the server ends the connection. */
export function say(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(bytes))
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}

/** A client of the WebSocket that knows only what it hears. */
interface Listener {
  readonly socket: WebSocket
  readonly hello: Promise<ServerMessage>
  readonly messages: readonly ServerMessage[]
  readonly previews: readonly PreviewFrame[]
  /** The job, as soon as it is as wanted; also if it was told before. */
  job(id: string, wanted: (job: Job) => boolean): Promise<Job>
}

function listenTo(socket: WebSocket): Listener {
  const messages: ServerMessage[] = []
  const previews: PreviewFrame[] = []
  const lookers = new Set<(message: ServerMessage) => void>()
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) {
      previews.push(decodePreviewFrame(new Uint8Array(data)))
      return
    }
    const message = serverMessage.parse(JSON.parse(data.toString()))
    messages.push(message)
    for (const look of lookers) look(message)
  })
  socket.setMaxListeners(0)
  /** What `find` finds in a message that was or will be heard. */
  const until = <T>(find: (message: ServerMessage) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = (message: ServerMessage) => {
        const found = find(message)
        if (found === undefined) return
        lookers.delete(look)
        resolve(found)
      }
      lookers.add(look)
      socket.once('close', (code) => reject(new Error(`the connection closed with ${code}`)))
      socket.once('error', reject)
      for (const message of messages) look(message)
    })
  return {
    socket,
    hello: until((message) => message),
    messages,
    previews,
    job: (id, wanted) =>
      until((message) => {
        const jobs = message.type === 'hello' ? message.jobs : message.type === 'job' ? [message.job] : []
        return jobs.find((job) => job.id === id && wanted(job))
      }),
  }
}
