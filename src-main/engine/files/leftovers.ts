import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFile } from './atomic.ts'
import { isAlive } from './is-alive.ts'

/** Depth of a search, and entries that it looks at. */
const maxDepth = 5
const maxEntries = 50_000

/** Milliseconds after which a temporary file is nobody's, even if a process has the number of its writer. */
const day = 86_400_000

/**
 * Removes the temporary files that processes left when they were killed, in a folder and below it. Those of processes that
 * live stay. To be called before this process writes there, for after a restart of the machine it may have the number of a
 * process before. What cannot be removed stays until the next time.
 * @param deepest levels below the folder; 0 for the folder alone
 */
export async function removeLeftovers(folder: string, deepest = maxDepth): Promise<void> {
  let level = [folder]
  let entries = 0
  for (let depth = 0; depth <= deepest && level.length > 0; depth++) {
    const below: string[] = []
    for (const at of level) {
      const listed = await readdir(at, { withFileTypes: true }).catch(() => [])
      entries += listed.length
      if (entries > maxEntries) return
      for (const entry of listed) {
        const path = join(at, entry.name)
        if (entry.isDirectory()) below.push(path)
        else if (entry.isFile() && (await isLeftover(path, entry.name))) await rm(path, { force: true }).catch(() => {})
      }
    }
    level = below
  }
}

async function isLeftover(path: string, name: string): Promise<boolean> {
  const match = temporaryFile.exec(name)
  return match !== null && isAbandoned(path, match[1])
}

/**
 * Whether the process that wrote a file has ended, or is an earlier one with our number.
 * @param writer its number, as the file's name has it; undefined if it has none
 */
export async function isAbandoned(path: string, writer: string | undefined): Promise<boolean> {
  const pid = Number(writer)
  if (writer === undefined || pid === process.pid || !isAlive(pid)) return true
  const stats = await stat(path).catch(() => undefined)
  return stats !== undefined && stats.mtimeMs < Date.now() - day
}
