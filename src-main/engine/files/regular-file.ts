import { type BigIntStats, constants, readSync } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { LoomError } from '#core/errors.ts'
import type { ByteSource } from '#core/formats/byte-source.ts'
import { danglingLink } from './dangling-link.ts'
import { osCode, osError } from './os-error.ts'

export interface OpenFile {
  readonly handle: FileHandle
  /** With every symbolic link resolved. */
  readonly path: string
  readonly stats: BigIntStats
}

/** O_NONBLOCK, because opening a pipe would otherwise wait for a writer. Windows has neither flag nor such pipes. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
/** Bytes that one system call reads at most. */
const maxRead = 1 << 30

/**
 * Opens the regular file at `path` for reading, runs `use` on it, and closes it.
 * @throws LoomError `not-found` or `io`, also for folders, pipes and devices.
 */
export async function withRegularFile<T>(path: string, use: (file: OpenFile) => Promise<T>): Promise<T> {
  let handle: FileHandle | undefined
  try {
    const real = await realpath(path)
    refuseIrregular(await stat(real, { bigint: true }), path)
    handle = await open(real, flags)
    const stats = await handle.stat({ bigint: true })
    refuseIrregular(stats, path)
    return await use({ handle, path: real, stats })
  } catch (error) {
    throw (osCode(error) === 'ENOENT' && (await danglingLink(path))) || osError(error, 'read', path)
  } finally {
    // a failed close loses nothing, because the file was only read
    await handle?.close().catch(() => {})
  }
}

function refuseIrregular(stats: BigIntStats, path: string): void {
  if (stats.isFile()) return
  const kind = stats.isDirectory() ? 'a folder' : stats.isFIFO() ? 'a pipe' : 'a device or a socket'
  throw new LoomError('io', `Cannot read ${path}: it is ${kind}, not a file.`, { hint: 'Name a regular file.' })
}

/**
 * Reads `length` bytes from `position` on.
 * @throws LoomError `io` if the file has become too short.
 */
export async function readExactly(file: OpenFile, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.handle.read(bytes, filled, Math.min(length - filled, maxRead), position + filled)
    if (bytesRead === 0) {
      throw new LoomError('io', `${file.path} became shorter while it was being read.`, {
        hint: 'Wait until the program that writes it has finished, then try again.',
      })
    }
    filled += bytesRead
  }
  return bytes
}

/** The bytes of an open file, for readers that take few of them. Errors of the system are thrown as they are. */
export function fileSource({ handle, stats }: OpenFile): ByteSource {
  const size = Number(stats.size)
  return {
    size,
    read(start, end) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start))
      let filled = 0
      while (filled < bytes.length) {
        const read = readSync(handle.fd, bytes, filled, bytes.length - filled, start + filled)
        if (read === 0) break
        filled += read
      }
      return bytes.subarray(0, filled)
    },
  }
}
