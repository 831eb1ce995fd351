import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

export interface FileLock {
  release(): void
}

/** SQLite's code for a file that another connection has locked. */
const busy = 5

/**
 * Takes a lock of the operating system on a file, as SQLite takes it: Node has no other way to ask for one. It ends with its
 * process, however that ends, so none is ever stale.
 * @returns undefined if another process has it
 * @throws Error of SQLite if the file cannot be made or locked
 */
export function tryLock(path: string): FileLock | undefined {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return undefined
    throw error
  }
  return {
    release() {
      if (database.isOpen) database.close()
    },
  }
}

/** Milliseconds that a lock which is held for moments is waited for, and between two attempts. */
const patience = 5_000
const pause = 10

/** Runs `use` while no other process runs anything under the same lock. On a drive that locks nothing it runs all the same. */
export async function withLock<T>(path: string, use: () => Promise<T>): Promise<T> {
  const lock = await waitFor(path).catch(() => undefined)
  try {
    return await use()
  } finally {
    lock?.release()
  }
}

async function waitFor(path: string): Promise<FileLock | undefined> {
  for (let waited = 0; waited < patience; waited += pause) {
    const lock = tryLock(path)
    if (lock) return lock
    await sleep(pause)
  }
  return undefined
}
