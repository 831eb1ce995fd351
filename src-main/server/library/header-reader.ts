import { Worker } from 'node:worker_threads'
import { LoomError } from '#core/errors.ts'
import { fromErrorData } from '#core/protocol/error-data.ts'
import type { ErrorData } from '#core/protocol/messages.ts'
import type { FileKnowledge } from '#core/types/facts.ts'
import type { FileKind } from '#core/types/types.ts'
import { programModules } from '../../program.ts'
import type { ModelDescription } from './describe-model.ts'
import type { FoundModel } from './model-walk.ts'

/** Milliseconds that one header may take: the largest that is allowed takes some seconds. */
const limit = 60_000

/** What is asked of the thread that reads headers. */
export type HeaderQuestion =
  | { readonly ask: 'describe'; readonly model: FoundModel }
  | { readonly ask: 'fact'; readonly path: string; readonly kind: FileKind; readonly name?: string | undefined }

interface Answers {
  describe: ModelDescription
  fact: FileKnowledge
}

export type HeaderAnswer =
  | { readonly id: number; readonly result: ModelDescription | FileKnowledge }
  | { readonly id: number; readonly error: ErrorData }

/** Reads what the server says of model files. */
export interface HeaderReader {
  /** As `describeModel`. */
  describe(model: FoundModel): Promise<ModelDescription>
  /** As `readFact`. */
  fact(path: string, kind: FileKind, name?: string): Promise<FileKnowledge>
}

interface Pending {
  settle(answer: HeaderAnswer): void
  fail(error: LoomError): void
}

/**
 * Reads headers on a thread of its own: a hostile one of 100 MB takes seconds, in which nobody else would be answered. The
 * thread starts with the first question, and anew when it died or took too long.
 */
export function threadedReader(): HeaderReader & { close(): void } {
  let thread: { worker: Worker; pending: Map<number, Pending> } | undefined
  let lastId = 0

  function start() {
    const pending = new Map<number, Pending>()
    const worker = new Worker(programModules.headers)
    const started = { worker, pending }
    worker.unref()
    worker.on('message', (answer: HeaderAnswer) => pending.get(answer.id)?.settle(answer))
    const end = (cause: unknown) => {
      if (thread === started) thread = undefined
      for (const { fail } of pending.values()) {
        fail(new LoomError('io', 'The file could not be read: its reader ended.', { hint: 'Look again.', cause }))
      }
    }
    worker.on('error', end)
    worker.on('exit', end)
    return started
  }

  function ask<A extends keyof Answers>(question: Extract<HeaderQuestion, { ask: A }>): Promise<Answers[A]> {
    thread ??= start()
    const { worker, pending } = thread
    const id = ++lastId
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => void worker.terminate(), limit).unref()
      const done = () => {
        clearTimeout(timer)
        pending.delete(id)
      }
      pending.set(id, {
        settle(answer) {
          done()
          if ('error' in answer) reject(fromErrorData(answer.error))
          // the thread runs this program: it gives what it was asked for
          else resolve(answer.result as Answers[A])
        },
        fail(error) {
          done()
          reject(error)
        },
      })
      worker.postMessage({ id, ...question })
    })
  }

  return {
    describe: (model) => ask<'describe'>({ ask: 'describe', model }),
    fact: (path, kind, name) => ask<'fact'>({ ask: 'fact', path, kind, name }),
    close: () => void thread?.worker.terminate(),
  }
}
