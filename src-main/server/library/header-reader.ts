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

interface Thread {
  readonly worker: Worker
  readonly pending: Map<number, Pending>
}

/** Enough that one hostile header does not hold up the others. */
const maxThreads = 2

/**
 * Reads headers on threads of their own: a hostile one of 100 MB takes seconds, in which nobody else would be answered. A
 * thread starts with the first question, and anew when it died or took too long.
 */
export function threadedReader(): HeaderReader & { close(): void } {
  let threads: readonly Thread[] = []
  let lastId = 0

  function start(): Thread {
    const pending = new Map<number, Pending>()
    const worker = new Worker(programModules.headers)
    const started = { worker, pending }
    worker.unref()
    worker.on('message', (answer: HeaderAnswer) => pending.get(answer.id)?.settle(answer))
    const end = (cause: unknown) => {
      threads = threads.filter((each) => each !== started)
      for (const { fail } of pending.values()) {
        fail(new LoomError('io', 'The file could not be read: its reader ended.', { hint: 'Look again.', cause }))
      }
    }
    worker.on('error', end)
    worker.on('exit', end)
    threads = [...threads, started]
    return started
  }

  /** One that has nothing to do, else a new one, else the one with the least. */
  function choose(): Thread {
    const [least] = threads.toSorted((a, b) => a.pending.size - b.pending.size)
    const isFree = least !== undefined && (least.pending.size === 0 || threads.length === maxThreads)
    return isFree ? least : start()
  }

  function ask<A extends keyof Answers>(question: Extract<HeaderQuestion, { ask: A }>): Promise<Answers[A]> {
    const { worker, pending } = choose()
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
    close() {
      for (const { worker } of threads) void worker.terminate()
    },
  }
}
