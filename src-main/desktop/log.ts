import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Whose words a line of the log has. */
type Speaker = 'window' | 'page' | 'server'

/** What window, page, server and engine had to say, in files of a bounded size. */
export interface Log {
  /** The file of the newest lines. */
  readonly file: string
  write(speaker: Speaker, text: string): void
}

/** Files that are kept, the current one among them. */
const kept = 3

/** Characters of one line at most. */
const longest = 10_000

/**
 * Opens the log in a folder: `latent-loom.log`, and `latent-loom.1.log` and so on with older lines.
 *
 * It is written at once and in turn, because the last lines before a crash are those that matter; a library that buffers
 * loses them.
 * @param limit bytes of one file
 */
export function openLog(folder: string, limit = 1_000_000): Log {
  const nameOf = (age: number) => join(folder, age === 0 ? 'latent-loom.log' : `latent-loom.${age}.log`)
  const file = nameOf(0)
  const add = (line: string) => {
    if (sizeOf(file) + Buffer.byteLength(line) > limit) {
      for (let age = kept - 1; age > 0; age--) tryTo(() => renameSync(nameOf(age - 1), nameOf(age)))
    }
    appendFileSync(file, line)
  }
  tryTo(() => mkdirSync(folder, { recursive: true }))
  return {
    file,
    write(speaker, text) {
      tryTo(() => add(`${new Date().toISOString()} ${speaker}: ${text.slice(0, longest)}\n`))
    },
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/** A full or closed drive must not end the program. */
function tryTo(work: () => void): void {
  try {
    work()
  } catch {
    // there is no better place to say it
  }
}
