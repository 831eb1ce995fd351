import { type ErrorCode, LoomError } from '#core/errors.ts'

interface Sentence {
  readonly says: string
  readonly hint: string
  readonly code?: ErrorCode
}

/** Explanations of the operating system's error codes. */
const sentences: ReadonlyMap<string, Sentence> = new Map<string, Sentence>([
  ['ENOENT', { says: 'it or its folder does not exist', hint: 'Check the path.', code: 'not-found' }],
  ['ENOTDIR', { says: 'a part of the path is no folder', hint: 'Check the path.', code: 'not-found' }],
  ['ERR_INVALID_ARG_VALUE', { says: 'the path holds a NUL character', hint: 'Check the path.', code: 'not-found' }],
  ['EEXIST', { says: 'a file of this name is there', hint: 'Choose another name.' }],
  ['EISDIR', { says: 'it is a folder', hint: 'Name a file.' }],
  ['ELOOP', { says: 'its symbolic links run in a circle', hint: 'Remove the links and name the file itself.' }],
  ['ENAMETOOLONG', { says: 'the name is too long', hint: 'Choose a shorter name or folder.' }],
  [
    'EACCES',
    { says: 'access is denied', hint: 'Check the rights of the file and its folder, or choose another folder.' },
  ],
  [
    'EPERM',
    { says: 'access is denied', hint: 'Check the rights of the file and its folder, or choose another folder.' },
  ],
  ['EROFS', { says: 'the drive is read-only', hint: 'Choose another folder.' }],
  ['EBUSY', { says: 'another program holds it', hint: 'Close the other program and try again.' }],
  ['ENOSPC', { says: 'the drive is full', hint: 'Make room or choose another drive; nothing was overwritten.' }],
  [
    'EDQUOT',
    { says: 'your share of the drive is used up', hint: 'Make room or choose another drive; nothing was overwritten.' },
  ],
  ['EFBIG', { says: 'the file is larger than the drive allows', hint: 'Choose another drive; FAT32 ends at 4 GB.' }],
  ['EMFILE', { says: 'too many files are open', hint: 'Raise the limit (ulimit -n) or close other programs.' }],
  ['EAGAIN', { says: 'it has nothing to read now, as a pipe or a device', hint: 'Name a regular file.' }],
  ['ENXIO', { says: 'it is a device that is not there, or a socket', hint: 'Name a regular file.' }],
  ['ENOTCONN', { says: 'its drive is not connected', hint: 'Connect the drive again.' }],
  ['ESTALE', { says: 'its drive was changed meanwhile', hint: 'Try again.' }],
  ['ETIMEDOUT', { says: 'its drive does not answer', hint: 'Check the network connection, then try again.' }],
  ['EIO', { says: 'the drive failed', hint: 'Check the drive or the network connection, then try again.' }],
])

/**
 * The LoomError for an error of the file system while `doing` ("read", "write") the file at `path`. Any other error
 * becomes `internal`.
 */
export function osError(error: unknown, doing: string, path: string): LoomError {
  if (error instanceof LoomError) return error
  const code = osCode(error)
  const {
    says,
    hint,
    code: ours,
  } = sentences.get(code) ?? {
    says: String(error),
    hint: 'Try again; if it stays, report it with this message.',
    code: code === '' ? 'internal' : 'io',
  }
  return new LoomError(ours ?? 'io', `Cannot ${doing} ${path}: ${says}.`, { hint, cause: error })
}

/**
 * The LoomError for an error of the operating system that nobody has explained: what it was asked to do tells the rest.
 * @returns undefined for other errors
 */
export function systemError(error: unknown): LoomError | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'errno' in error)) return undefined
  const path = 'path' in error ? String(error.path) : 'a file'
  const { code, message, hint } = osError(error, `do ${String(error.syscall)} on`, path)
  return new LoomError(code, message, { hint, cause: error })
}

/** The code of an operating system's error, such as `ENOENT`; empty for other errors. */
export function osCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
