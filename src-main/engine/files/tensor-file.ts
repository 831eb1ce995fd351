import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { LoomError } from '#core/errors.ts'
import { fileFormatOf, headBytes } from '#core/formats/file-format.ts'
import { parseHeader, readHeaderLength, type SafetensorsHeader } from '#core/formats/safetensors.ts'
import { readTorchHeader } from '#core/formats/torch/header.ts'
import { spanOf, unfold } from '#core/formats/torch/layout.ts'
import { type OpenFile, readExactly, withRegularFile } from './regular-file.ts'
import { refuseImpostor } from './sniff.ts'

/** Identifies a version of a file without reading all of it. */
interface FileIdentity {
  /** With every symbolic link resolved. */
  readonly path: string
  /** In bytes. */
  readonly size: number
  readonly mtimeMs: number
  /** Decimal; 64 bits on some file systems. */
  readonly inode: string
  /** SHA-256 of the header, in hexadecimal. */
  readonly headerHash: string
}

export interface TensorFile {
  /** With every symbolic link resolved. */
  readonly path: string
  /** In bytes. */
  readonly size: number
  readonly identity: FileIdentity
  readonly header: SafetensorsHeader
}

/** Headers of recently opened files, by the state of the file. A header has a few hundred kB. */
const opened = new Map<string, TensorFile>()
const maxOpened = 32

/**
 * Reads the header of a safetensors file, or of a file that `torch.save` wrote; the tensors stay in the file. A file that
 * has not changed is not parsed again.
 * @throws LoomError `not-found`, `io`, `unsupported` (another known format), `parse` or `limit`.
 */
export async function openTensorFile(path: string): Promise<TensorFile> {
  return withRegularFile(path, async (file) => {
    const state = stateOf(file)
    const known = opened.get(state)
    const result = known ?? (await readHeader(file))
    opened.delete(state)
    opened.set(state, result)
    const [oldest] = opened.keys()
    if (opened.size > maxOpened && oldest !== undefined) opened.delete(oldest)
    return result
  })
}

const stateOf = ({ path, stats }: { readonly path: string; readonly stats: BigIntStats }): string =>
  `${stats.ino} ${stats.size} ${stats.mtimeNs} ${path}`

async function readHeader(file: OpenFile): Promise<TensorFile> {
  const { path, stats } = file
  const size = Number(stats.size)
  const head = await readExactly(file, 0, Math.min(size, headBytes))
  refuseImpostor(head, path)
  try {
    const read = fileFormatOf(head, path) === 'pickle' ? readTorch : readSafetensors
    const { header, hashed } = await read(file, head)
    const headerHash = createHash('sha256').update(hashed).digest('hex')
    const identity = { path, size, mtimeMs: mtimeMs(stats), inode: String(stats.ino), headerHash }
    return { path, size, identity, header }
  } catch (error) {
    throw error instanceof LoomError && error.code !== 'io' ? inFile(error, path) : error
  }
}

/** A header, and what stands for it in a hash. */
interface HashedHeader {
  readonly header: SafetensorsHeader
  readonly hashed: Uint8Array | string
}

async function readSafetensors(file: OpenFile, head: Uint8Array): Promise<HashedHeader> {
  const size = Number(file.stats.size)
  const json = await readExactly(file, 8, readHeaderLength(head.subarray(0, 8), size))
  return { header: parseHeader(json, size), hashed: json }
}

async function readTorch(file: OpenFile): Promise<HashedHeader> {
  const read = (start: number, end: number) => readExactly(file, start, end - start)
  const header = await readTorchHeader({ size: Number(file.stats.size), read })
  return { header, hashed: JSON.stringify([...header.tensors]) }
}

const mtimeMs = (stats: BigIntStats): number => Number(stats.mtimeNs) / 1e6

const inFile = (error: LoomError, path: string): LoomError =>
  new LoomError(error.code, `${path}: ${error.message}`, { hint: error.hint, cause: error })

/**
 * Reads the little-endian bytes of a small tensor, such as `alpha` or `betas`. Throws `not-found` for an unknown name.
 */
export type TensorReader = (name: string) => Promise<Uint8Array>

/**
 * Runs `use` with a reader of the file's tensors, and keeps the file open meanwhile.
 * @throws LoomError `io` if the file was changed or replaced since its header was read, and the errors of `use`
 */
export async function withTensors<T>(file: TensorFile, use: (read: TensorReader) => Promise<T>): Promise<T> {
  return withRegularFile(file.path, async (open) => {
    const { size, mtimeMs: mtime, inode } = file.identity
    const { stats } = open
    if (Number(stats.size) !== size || mtimeMs(stats) !== mtime || String(stats.ino) !== inode) {
      throw new LoomError('io', `${file.path} was changed or replaced since it was opened.`, {
        hint: 'Wait until the program that writes it has finished, then run again.',
      })
    }
    return use(async (name) => {
      const tensor = file.header.tensors.get(name)
      if (tensor === undefined) throw new LoomError('not-found', `${file.path} has no tensor "${name}".`)
      return unfold(await readExactly(open, tensor.offset, spanOf(tensor)), tensor)
    })
  })
}
