import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { osError } from '#engine/files/os-error.ts'

export interface FileState {
  /** Changes when the file does. */
  readonly signature: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly modified: number
  readonly isFolder: boolean
}

/** The files of a diffusers folder that its facts are read from. */
const parts = ['', 'unet', 'text_encoder', 'text_encoder_2', 'vae', 'scheduler']

/**
 * The signature of a model file or a diffusers folder, without opening a file.
 * @throws LoomError `not-found`, `io`
 */
export async function stateOf(path: string): Promise<FileState> {
  try {
    const { size, mtimeNs, ino, mtimeMs, isFolder } = await statOf(path)
    if (!isFolder) return { signature: `${size} ${mtimeNs} ${ino}`, bytes: Number(size), modified: mtimeMs, isFolder }
    return { ...(await folderState(path)), isFolder }
  } catch (error) {
    throw osError(error, 'read', path)
  }
}

async function folderState(path: string): Promise<Omit<FileState, 'isFolder'>> {
  const lines: string[] = []
  let bytes = 0n
  let modified = 0
  for (const part of parts) {
    for (const name of (await readdir(join(path, part)).catch(() => [])).sort()) {
      const stats = await statOf(join(path, part, name)).catch(() => undefined)
      if (!stats || stats.isFolder) continue
      lines.push(`${part}/${name} ${stats.size} ${stats.mtimeNs} ${stats.ino}`)
      bytes += stats.size
      modified = Math.max(modified, stats.mtimeMs)
    }
  }
  return { signature: lines.join('\n'), bytes: Number(bytes), modified }
}

async function statOf(path: string) {
  const stats = await stat(path, { bigint: true })
  const { size, mtimeNs, ino } = stats
  return { size, mtimeNs, ino, mtimeMs: Number(mtimeNs / 1_000_000n), isFolder: stats.isDirectory() }
}
