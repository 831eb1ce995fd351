import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { commandLine, nodeProgram } from './node.ts'

const started = z.object({ url: z.string() })
const answered = z.object({ id: z.string().nullable(), error: z.string().optional() })

/** The server process behind the window: the same `latent-loom serve` that a browser uses. */
export interface Host {
  /** Address with its token. */
  readonly url: string
  /**
   * Makes a file known to the server; `create` for a place that is to be saved to.
   * @throws Error with a sentence for the person
   */
  register(file: string, options: { create: boolean }): Promise<string>
  close(): void
}

/**
 * Starts the server and waits for its address.
 * @param ended is told once when the process is gone
 * @throws Error if it ends before it has one
 */
export async function startHost(ended: (code: number | null) => void): Promise<Host> {
  const child = spawn(nodeProgram(), [commandLine(), 'serve', '--port', '0', '--control'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    windowsHide: true,
  })
  child.on('close', ended)
  const lines = linesOf(child)
  const { url } = started.parse(JSON.parse(await lines()))
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

/** One line of the process's output at a time, in order; rejects when there are no more. */
function linesOf(child: ChildProcess): () => Promise<string> {
  if (!child.stdout) throw new Error('The server process has no output.')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('The server process ended.')
    return value
  }
}
