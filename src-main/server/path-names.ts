import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, sep } from 'node:path'
import { fromErrorData, toErrorData } from '#core/protocol/error-data.ts'
import type { ErrorData, RunEvent } from '#core/protocol/messages.ts'
import type { Engine } from '#engine/engine.ts'
import type { HeaderReader } from './library/header-reader.ts'
import type { RunJob } from './queue/queue.ts'

/** Calls files by their names in what clients read: where they lie on the server's drives is nobody's business. */
export type PathNames = (text: string) => string

/** A path that does not begin inside a word or a URL; the folders before its last name. */
const otherFolders = /(?<![\w.:/\\-])(?:[A-Za-z]:)?(?:[\\/][^\s\\/:"',;]+)+(?=[\\/][^\s\\/:"',;])[\\/]/g

/** @param folders of the server; a file inside one is called by its path below it */
export function pathNames(folders: readonly string[]): PathNames {
  const roots = [...new Set([...folders, ...folders.map(real), homedir()])]
    .filter((root) => basename(root) !== '')
    .sort((a, b) => b.length - a.length)
  return (text) => {
    const known = roots.reduce((told, root) => told.replaceAll(root + sep, '').replaceAll(root, basename(root)), text)
    return known.replace(otherFolders, '')
  }
}

function real(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return folder
  }
}

/** An error whose sentences name files. */
export function withNames<E extends Pick<ErrorData, 'message' | 'hint'>>(error: E, names: PathNames): E {
  const { message, hint } = error
  return { ...error, message: names(message), ...(hint !== undefined && { hint: names(hint) }) }
}

const named = (error: ErrorData, names: PathNames): ErrorData => ({
  ...withNames(error, names),
  ...(error.problems && { problems: error.problems.map((problem) => withNames(problem, names)) }),
})

/** An engine whose words name files; the paths of what it made are for the server. */
export function namingEngine(engine: Engine, names: PathNames): Engine {
  return {
    ...engine,
    async validate(source) {
      const { problems, advice } = await engine.validate(source)
      return { problems: problems.map((each) => named(each, names)), advice: advice.map((each) => named(each, names)) }
    },
    async inspect(question) {
      const { path, problem, ...told } = await engine.inspect(question)
      return {
        ...told,
        ...(typeof path === 'string' && { path: names(path) }),
        ...(isError(problem) && { problem: withNames(problem, names) }),
      }
    },
  }
}

const isError = (value: unknown): value is { message: string; hint?: string } =>
  typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'

/** Runs whose errors name files. */
export function namingRuns(run: RunJob, names: PathNames): RunJob {
  return async (job, output, signal) => {
    try {
      const event = (told: RunEvent) =>
        output.event(told.type === 'warning' ? { ...told, error: named(told.error, names) } : told)
      return await run(job, { ...output, event }, signal)
    } catch (error) {
      throw fromErrorData(named(toErrorData(error), names))
    }
  }
}

/** A reader whose words name files. */
export function namingReader(reader: HeaderReader, names: PathNames): HeaderReader {
  return {
    async describe(model) {
      const { error, ...told } = await reader.describe(model)
      return { ...told, ...(error !== undefined && { error: names(error) }) }
    },
    async fact(path, kind, name) {
      const fact = await reader.fact(path, kind, name)
      return fact.kind === 'error' ? withNames(fact, names) : fact
    },
  }
}
