import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { commandLine, nodeProgram } from './node.ts'

const started = z.union([z.object({ url: z.string() }), z.object({ other: z.string() })])
const answered = z.object({ id: z.string().nullable(), error: z.string().optional() })

/** The server process behind the window: `latent-loom serve`, as for a browser. */
export interface Host {
  /** URL with the token. */
  readonly url: string
  /**
   * Registers a file with the server, and returns its id. `create` is for a file that will be saved.
   * @throws Error with a message to show
   */
  register(file: string, options: { create: boolean }): Promise<string>
  close(): void
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

/**
 * Starts the server and waits for its URL.
 * @param ended called once when the process has ended
 * @throws OtherServer; Error if it ends before it prints the URL
 */
export async function startHost(ended: (code: number | null) => void): Promise<Host> {
  const child = spawn(nodeProgram(), [commandLine(), 'serve', '--control'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    windowsHide: true,
  })
  const lines = linesOf(child)
  const first = started.parse(JSON.parse(await lines()))
  if ('other' in first) throw new OtherServer(first.other)
  const { url } = first
  child.on('close', ended)
  let last: Promise<unknown> = Promise.resolve()
  const ask = async (question: object) => {
    child.stdin?.write(`${JSON.stringify(question)}\n`)
    const { id, error } = answered.parse(JSON.parse(await lines()))
    if (id === null) throw new Error(error ?? 'The server did not take the file.')
    return id
  }
  return {
    url,
    register(file, { create }) {
      const answer = last.then(() => ask({ file, create }))
      last = answer.catch(() => undefined)
      return answer
    },
    close: () => void child.kill(),
  }
}

/** A function that returns the next line of the process's output. It rejects at the end of the output. */
function linesOf(child: ChildProcess): () => Promise<string> {
  if (!child.stdout) throw new Error('The server process has no output.')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('The server process ended.')
    return value
  }
}
