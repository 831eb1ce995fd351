import { type BigIntStats, constants, readSync } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LoomError } from '#core/errors.ts'
import type { ByteSource } from '#core/formats/byte-source.ts'
import { readError } from './dangling-link.ts'
import { ask } from './drives.ts'

export interface OpenFile {
  readonly handle: FileHandle
  /** With every symbolic link resolved. */
  readonly path: string
  readonly stats: BigIntStats
}

/** O_NONBLOCK, because opening a pipe would otherwise wait for a writer. Windows has neither flag nor such pipes. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
/** Bytes that one system call reads at most, so that a slow drive answers each in time. */
const maxRead = 1 << 24

/**
 * Opens the regular file at `path` for reading, runs `use` on it, and closes it.
 * @throws LoomError `not-found` or `io`, also for folders, pipes, devices and drives that do not answer.
 */
export async function withRegularFile<T>(path: string, use: (file: OpenFile) => Promise<T>): Promise<T> {
  let opening: Promise<FileHandle> | undefined
  try {
    const real = await answered(() => realpath(path), path)
    refuseIrregular(await answered(() => stat(real, { bigint: true }), path), path)
    const handle = await answered(() => {
      opening = open(real, flags)
      return opening
    }, path)
    const stats = await answered(() => handle.stat({ bigint: true }), path)
    refuseIrregular(stats, path)
    return await use({ handle, path: real, stats })
  } catch (error) {
    throw await readError(error, path)
  } finally {
    // a failed close loses nothing, because the file was only read
    const closing = opening?.then((handle) => handle.close()).catch(() => {})
    if (closing) await answered(() => closing, path).catch(() => {})
  }
}

/**
 * The bytes of the regular file at `path`, as many as it has when it is opened.
 * @throws LoomError `not-found`, `io`; `limit` if it has more than `maxBytes`
 */
export function readRegularFile(path: string, maxBytes = Number.MAX_SAFE_INTEGER): Promise<Buffer> {
  return withRegularFile(path, (file) => readWhole(file, maxBytes))
}

/** {@link readRegularFile} for a file that is open. */
export async function readWhole(file: OpenFile, maxBytes = Number.MAX_SAFE_INTEGER): Promise<Buffer> {
  const { size } = file.stats
  if (size <= maxBytes) return Buffer.from((await readExactly(file, 0, Number(size))).buffer)
  throw new LoomError('limit', `${file.path} has ${size} bytes; ${maxBytes} is the most.`)
}

/** {@link readRegularFile} for a text in UTF-8. */
export async function readRegularText(path: string, maxBytes?: number): Promise<string> {
  return (await readRegularFile(path, maxBytes)).toString()
}

/** The result of a system call on `path`. */
const answered = <T>(call: () => Promise<T>, path: string): Promise<T> => ask(dirname(path), path, call)

function refuseIrregular(stats: BigIntStats, path: string): void {
  if (stats.isFile()) return
  const kind = stats.isDirectory() ? 'a folder' : stats.isFIFO() ? 'a pipe' : 'a device or a socket'
  throw new LoomError('io', `Cannot read ${path}: it is ${kind}, not a file.`, { hint: 'Name a regular file.' })
}

/**
 * Reads `length` bytes from `position` on.
 * @throws LoomError `io` if the file has become too short.
 */
export async function readExactly(file: OpenFile, position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  await readInto(file, position, bytes)
  return bytes
}

/**
 * Fills memory with the bytes from `position` on.
 * @throws LoomError `io` if the file has become too short.
 */
export async function readInto(file: OpenFile, position: number, bytes: Uint8Array): Promise<void> {
  const { length } = bytes
  let filled = 0
  while (filled < length) {
    const next = Math.min(length - filled, maxRead)
    const { bytesRead } = await answered(() => file.handle.read(bytes, filled, next, position + filled), file.path)
    if (bytesRead === 0) {
      throw new LoomError('io', `${file.path} became shorter while it was being read.`, {
        hint: 'Wait until the program that writes it has finished, then try again.',
      })
    }
    filled += bytesRead
  }
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
