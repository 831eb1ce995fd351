import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Answers, Requests, Task } from './protocol.ts'

const mark = 'peer: '

/** A peer in a process of its own, so that its memory is its own. */
export class PeerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  #waiting: PromiseWithResolvers<unknown> | undefined

  constructor(name: string, [program, ...args]: readonly [string, ...string[]], environment = process.env) {
    const child = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith(mark)) this.#waiting?.resolve(JSON.parse(line.slice(mark.length)))
    })
    let printed = ''
    child.stderr.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-4000)
    })
    child.on('error', (error) => this.#waiting?.reject(error))
    child.on('close', () => this.#waiting?.reject(new Error(`${name} ended: ${printed}`)))
  }

  /** @throws Error if the process ends instead, with what it printed */
  async ask<T extends Task>(task: T, request: Requests[T]): Promise<Answers[T]> {
    const waiting = Promise.withResolvers<unknown>()
    this.#waiting = waiting
    this.#child.stdin.write(`${JSON.stringify({ task, ...request })}\n`)
    // its answers have the protocol's types
    return (await waiting.promise) as Answers[T]
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const closed = once(this.#child, 'close')
    this.#child.stdin.end()
    await closed
  }
}
