import { lstat, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from '#engine/files/is-alive.ts'
import { isDataFolder, readOwner } from './data-folder.ts'

interface Kind {
  /** As `mkdtemp` completes it. */
  readonly name: RegExp
  /** Whether it holds what such folders hold, and nothing else: its entries, and the files anywhere below it. */
  readonly holds: (entries: readonly string[], files: readonly string[]) => boolean
}

const isPicture = (file: string): boolean => /\.png$|^\.latent-loom-/i.test(file)

/** Folders that older versions made in the system's folder for temporary files, and left there when they were killed. */
const kinds: readonly Kind[] = [
  // pictures that were only shown
  { name: /^latent-loom-(few-steps-|templates-)?[A-Za-z0-9]{6}$/, holds: (_, files) => files.every(isPicture) },
  // whole data folders
  { name: /^loom-server-[A-Za-z0-9]{6}$/, holds: isDataFolder },
]

/** Milliseconds in which nobody wrote there. */
const day = 86_400_000
/** A folder with more in it is looked at by a person. */
const maxEntries = 10_000

/**
 * Removes what older versions left in the system's folder for temporary files: folders of their names and with their
 * contents, of this user, that nobody has written to for a day and whose server does not live. What cannot be removed stays.
 */
export async function removeOldFolders(temporary = tmpdir()): Promise<void> {
  const names = await readdir(temporary).catch(() => [])
  for (const name of names) {
    const kind = kinds.find((each) => each.name.test(name))
    const path = join(temporary, name)
    if (kind && (await isAbandoned(path, kind).catch(() => false))) {
      await rm(path, { recursive: true, force: true }).catch(() => {})
    }
  }
}

async function isAbandoned(path: string, { holds }: Kind): Promise<boolean> {
  const stats = await lstat(path)
  if (!stats.isDirectory() || stats.uid !== (process.getuid?.() ?? stats.uid) || isRecent(stats)) return false
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  if (entries.length > maxEntries) return false
  const files: string[] = []
  for (const entry of entries) {
    const below = join(entry.parentPath, entry.name)
    if (!entry.isFile() && !entry.isDirectory()) return false
    if (isRecent(await lstat(below))) return false
    if (entry.isFile()) files.push(entry.name)
  }
  const owner = await readOwner(path)
  return holds(await readdir(path), files) && !(owner && isAlive(owner.pid))
}

const isRecent = ({ mtimeMs }: { readonly mtimeMs: number }): boolean => mtimeMs > Date.now() - day
