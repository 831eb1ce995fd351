import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { Log } from './log.ts'
import { commandLine, nodeProgram } from './node.ts'

const started = z.union([z.object({ url: z.string() }), z.object({ other: z.string() })])
const answered = {
  id: z.object({ id: z.string() }),
  path: z.object({ path: z.string() }),
  error: z.object({ error: z.string() }),
}

/** What has a file on this machine. */
export type Filed = 'picture' | 'document'

/** The server process behind the window: `latent-loom serve`, as for a browser. */
export interface Host {
  /** URL with the token. */
  readonly url: string
  /**
   * Registers a file with the server, and returns its id. `create` is for a file that will be saved.
   * @throws Error with a message to show
   */
  register(file: string, options: { create: boolean }): Promise<string>
  /**
   * The file of an id, which pages never learn.
   * @throws Error with a message to show
   */
  locate(kind: Filed, id: string): Promise<string>
  /** Ends the process, and resolves when it has ended. */
  close(): Promise<void>
}

/** A server in a browser has the documents already. */
export class OtherServer extends Error {
  /** Lets a browser in. */
  readonly url: string

  constructor(url: string) {
    super('Latent Loom is running already, in a browser.')
    this.url = url
  }
}

/** Milliseconds that the process may take to end. It takes less itself. */
const endLimit = 10_000

/**
 * Starts the server and waits for its URL.
 * @param log receives what server and engine print
 * @param ended called once when the process has ended by itself
 * @throws OtherServer; Error with the server's words if it ends before it prints the URL
 */
export async function startHost(log: Log, ended: () => void): Promise<Host> {
  // verbose: what the engine prints is for the log
  const child = spawn(nodeProgram(), [commandLine(), 'serve', '--control', '--verbose'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  })
  const words: string[] = []
  child.on('error', ({ message }) => words.push(message))
  // it has ended: the answer never comes
  child.stdin.on('error', () => {})
  createInterface({ input: child.stderr }).on('line', (line) => {
    words.push(line)
    log.write('server', line)
  })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const lines = linesOf(child.stdout)
  const firstLine = await lines().catch(async () => {
    await closed
    throw new Error(`The server did not start.\n\n${words.join('\n')}`)
  })
  const first = started.parse(JSON.parse(firstLine))
  if ('other' in first) throw new OtherServer(first.other)
  const { url } = first
  let closing = false
  void closed.then(() => {
    if (!closing) ended()
  })
  let last: Promise<unknown> = Promise.resolve()
  async function ask<T>(question: object, schema: z.ZodType<T>): Promise<T> {
    child.stdin.write(`${JSON.stringify(question)}\n`)
    const answer: unknown = JSON.parse(await lines())
    const failed = answered.error.safeParse(answer)
    if (failed.success) throw new Error(failed.data.error)
    return schema.parse(answer)
  }
  const askInTurn = <T>(question: object, schema: z.ZodType<T>): Promise<T> => {
    const answer = last.then(() => ask(question, schema))
    last = answer.catch(() => undefined)
    return answer
  }
  return {
    url,
    register: async (file, { create }) => (await askInTurn({ file, create }, answered.id)).id,
    locate: async (kind, id) => (await askInTurn({ locate: kind, id }, answered.path)).path,
    async close() {
      closing = true
      // its sign to end, on every system
      child.stdin.end()
      const late = setTimeout(() => child.kill('SIGKILL'), endLimit)
      await closed
      clearTimeout(late)
    },
  }
}

/** A function that returns the next line of the output. It rejects at the end of the output. */
function linesOf(output: Readable): () => Promise<string> {
  const lines = createInterface({ input: output })[Symbol.asyncIterator]()
  return async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('The server process ended.')
    return value
  }
}
