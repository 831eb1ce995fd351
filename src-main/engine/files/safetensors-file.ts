import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { LoomError } from '#core/errors.ts'
import { fileFormatOf, headBytes } from '#core/formats/file-format.ts'
import {
  byAlignment,
  encodeHeader,
  parseHeader,
  readHeaderLength,
  type SafetensorsHeader,
  type TensorSpec,
  tensorByteLength,
} from '#core/formats/safetensors.ts'
import { readTorchHeader } from '#core/formats/torch/header.ts'
import { spanOf, unfold } from '#core/formats/torch/layout.ts'
import { replaceFile } from './atomic.ts'
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

export interface SafetensorsFile {
  /** With every symbolic link resolved. */
  readonly path: string
  /** In bytes. */
  readonly size: number
  readonly identity: FileIdentity
  readonly header: SafetensorsHeader
}

/** Headers of recently opened files, by the state of the file. A header has a few hundred kB. */
const opened = new Map<string, SafetensorsFile>()
const maxOpened = 32

/**
 * Reads the header of a safetensors file, or of a file that `torch.save` wrote; the tensors stay in the file. A file that
 * has not changed is not parsed again.
 * @throws LoomError `not-found`, `io`, `unsupported` (another known format), `parse` or `limit`.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
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

async function readHeader(file: OpenFile): Promise<SafetensorsFile> {
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
export async function withTensors<T>(file: SafetensorsFile, use: (read: TensorReader) => Promise<T>): Promise<T> {
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

export interface TensorSource extends TensorSpec {
  /** The bytes, little-endian in row-major order, at once or in pieces. */
  readonly data: Uint8Array | (() => Iterable<Uint8Array> | AsyncIterable<Uint8Array>)
}

/**
 * Writes a safetensors file atomically. An old file at `path` stays readable meanwhile, also as a source.
 * @throws LoomError `mismatch` if a source yields another number of bytes than its shape needs, `range`, `limit` or
 *   `io`.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorSource>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  await replaceFile(path, safetensorsContent(tensors, metadata))
}

/**
 * A function that writes a safetensors file in pieces: the header, then each tensor's data in the order of the file.
 * @throws LoomError `range` or `limit` for the header, at once. The function throws the other errors of
 *   `writeSafetensors`.
 */
export function safetensorsContent(
  tensors: Iterable<TensorSource>,
  metadata: ReadonlyMap<string, string>,
): (handle: FileHandle) => Promise<void> {
  const ordered = [...tensors].sort(byAlignment)
  const header = encodeHeader(ordered, metadata)
  return async (handle) => {
    await handle.writeFile(header)
    for (const tensor of ordered) await handle.writeFile(checkedPieces(tensor))
  }
}

async function* checkedPieces(tensor: TensorSource): AsyncGenerator<Uint8Array> {
  const expected = tensorByteLength(tensor)
  let written = 0
  for await (const piece of tensor.data instanceof Uint8Array ? [tensor.data] : tensor.data()) {
    written += piece.length
    if (written <= expected) yield piece
  }
  if (written !== expected) {
    const size = `${tensor.dtype} [${tensor.shape.join(', ')}] needs ${expected} bytes`
    throw new LoomError('mismatch', `Tensor "${tensor.name}": ${size}, its data have ${written}.`)
  }
}
