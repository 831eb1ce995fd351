import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Unzip, UnzipInflate } from 'fflate'
import { LoomError } from '#core/errors.ts'
import { isLicence, libraryIn, type Wheel } from './wheel.ts'

/** A file that came out of a wheel. */
export interface UnpackedFile {
  readonly name: string
  readonly bytes: number
}

/** The name that a member gets in the folder; undefined if nobody needs it. */
function nameFor({ project }: Pick<Wheel, 'project'>, member: string): string | undefined {
  return libraryIn(member) ?? (isLicence(member) ? `${project}-${basename(member)}` : undefined)
}

/**
 * Writes the libraries of a wheel and its licences into a folder, side by side, and syncs them.
 * @throws LoomError `parse` if the file is no zip file with libraries, the operating system's errors
 */
export async function unpackWheel(
  path: string,
  wheel: Pick<Wheel, 'project'>,
  folder: string,
): Promise<UnpackedFile[]> {
  const files = new Map<string, number>()
  // the reader hands out pieces at once; they are written before it gets the next ones
  let pieces: { readonly name: string; readonly bytes: Uint8Array; readonly isLast: boolean }[] = []
  const unzip = new Unzip((member) => {
    const name = nameFor(wheel, member.name)
    if (name === undefined) return
    member.ondata = (error, bytes, isLast) => {
      if (error) throw error
      pieces.push({ name, bytes, isLast })
    }
    member.start()
  })
  unzip.register(UnzipInflate)

  let current: { readonly name: string; readonly handle: FileHandle } | undefined
  const write = async () => {
    for (const { name, bytes, isLast } of pieces) {
      if (current?.name !== name) {
        await current?.handle.close()
        current = { name, handle: await open(join(folder, name), 'w') }
        files.set(name, 0)
      }
      await current.handle.writeFile(bytes)
      files.set(name, (files.get(name) ?? 0) + bytes.length)
      if (isLast) await current.handle.sync()
    }
    pieces = []
  }
  const push = (chunk: Uint8Array, isLast = false) => {
    try {
      unzip.push(chunk, isLast)
    } catch (error) {
      throw unreadable(path, error)
    }
  }
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      push(chunk)
      await write()
    }
    push(new Uint8Array(0), true)
    await write()
  } finally {
    await current?.handle.close()
  }
  if (![...files.keys()].some((name) => libraryIn(name) !== undefined)) throw unreadable(path)
  return [...files].map(([name, bytes]) => ({ name, bytes }))
}

function unreadable(path: string, cause?: unknown): LoomError {
  return new LoomError('parse', `${basename(path)} is no wheel with libraries.`, {
    hint: 'Report it: its checksum was right, so the list of wheels is wrong.',
    cause,
  })
}
