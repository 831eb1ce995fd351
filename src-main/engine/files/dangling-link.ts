import { readlink, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { osCode, osError } from './os-error.ts'

/**
 * The error of a path that is missing because a symbolic link on it leads nowhere. Undefined if no link is to blame.
 * Model folders are full of links: to other drives, and in download caches.
 */
export async function danglingLink(path: string): Promise<LoomError | undefined> {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const target = await readlink(at).catch(() => undefined)
    if (target === undefined) continue
    const there = await stat(at).then(
      () => true,
      () => false,
    )
    if (there) return undefined
    return new LoomError('not-found', `${at} is a link to ${target}, which does not exist.`, {
      hint: 'Connect the drive that it leads to, or remove the link and get the file again.',
    })
  }
  return undefined
}

/** The LoomError for an error while a path was read. */
export async function readError(error: unknown, path: string): Promise<LoomError> {
  const dangling = osCode(error) === 'ENOENT' ? await danglingLink(path) : undefined
  return dangling ?? osError(error, 'read', path)
}
