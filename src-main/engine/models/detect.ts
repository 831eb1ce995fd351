import { realpath, stat } from 'node:fs/promises'
import { LoomError } from '#core/errors.ts'
import { type BaseFamily, defaultFamily } from '#core/families/families.ts'
import { readError } from '../files/dangling-link.ts'
import { saidBeside } from './beside.ts'
import type { Checkpoint } from './checkpoint.ts'
import { readFolder } from './folder.ts'
import type { PartFile } from './keys/network-kind.ts'
import { type FilesRead, type ModelFiles, readCheckpoint } from './model-files.ts'
import { refusal } from './refusal.ts'
import { isLone, type LoneKind, readSingleFile } from './single-file.ts'
import { toldBy } from './training.ts'
import { withVaeFamily } from './vae-family.ts'

/** The networks that have their own loader. */
export type NetworkFile = Exclude<LoneKind, 'preview-decoder'>

/**
 * Opens a checkpoint of SD1.x, SD2.x or SDXL: a `.safetensors` file or a diffusers folder. Reads only headers. Missing
 * networks are absent and become errors only when they are used.
 * @throws LoomError `not-found`, `io`, `parse`, `limit`; `unsupported` or `mismatch`, which name the actual kind
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  return checkpointOf(await readModelFiles(path))
}

/**
 * Opens a network from a separate file or folder, or from a checkpoint.
 * @param family the family if names and shapes do not show it, as with CLIP-L and VAEs
 * @throws LoomError as `openCheckpoint`
 */
export async function openNetwork(path: string, kind: NetworkFile, family?: BaseFamily): Promise<Checkpoint> {
  return networkOf(await readModelFiles(path), kind, family)
}

/**
 * Reads the headers of any model file or folder.
 * @throws LoomError if it is neither
 */
export async function readModelFiles(path: string): Promise<ModelFiles> {
  const files = (await isFolder(path)) ? await readFolder(await realpath(path)) : await readLoneFile(path)
  const identity = withVaeFamily(path, files)
  const told = await toldBy({ path, base: identity.base, unet: files.parts.unet, said: files.said })
  return { ...files, identity, told }
}

/** @param path as given, because real paths in a cache are hashes */
async function readLoneFile(path: string): Promise<FilesRead> {
  const file = await readSingleFile(path)
  const beside = file.parts.unet ? await saidBeside(path) : []
  return { ...file, said: [...file.said, ...beside], states: [...file.states, ...beside] }
}

/** @throws LoomError `not-found`, `io` */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    throw await readError(error, path)
  }
}

/**
 * Opens a checkpoint or a separate network.
 * @throws LoomError as `openCheckpoint`
 */
export function anyOf(files: ModelFiles): Checkpoint {
  const { kind } = files.identity
  return isLone(kind) ? networkOf(files, roleOf(kind)) : checkpointOf(files)
}

/** @throws LoomError as `openCheckpoint` */
export function checkpointOf(files: ModelFiles): Checkpoint {
  if (!isWhole(files)) throw refusal(files.path, files.identity, 'a checkpoint')
  return readCheckpoint(files, files.identity.base)
}

/** Names of networks in error messages. */
const nouns: Record<NetworkFile, string> = { unet: 'a UNet', 'text-encoder': 'a text encoder', vae: 'a VAE' }

/** @throws LoomError as `openNetwork` */
export function networkOf(files: ModelFiles, kind: NetworkFile, family = defaultFamily): Checkpoint {
  const { identity, path } = files
  if (isWhole(files)) return readCheckpoint(files, files.identity.base)
  if (!isLone(identity.kind) || roleOf(identity.kind) !== kind) throw refusal(path, identity, nouns[kind])
  return readCheckpoint(files, identity.base ?? family)
}

/** The network that a separate file is loaded as. */
function roleOf(kind: LoneKind): NetworkFile {
  return kind === 'preview-decoder' ? 'vae' : kind
}

function isWhole(files: ModelFiles): files is ModelFiles & { identity: { base: BaseFamily } } {
  return files.identity.kind === 'checkpoint' && files.identity.base !== undefined
}

/**
 * Opens the text encoders of a model: one file, or SDXL's two in either order.
 * @throws LoomError as `openNetwork`; `mismatch` if two files are no pair, or the first of a pair is missing
 */
export async function openTextEncoders(path: string, path2?: string): Promise<Checkpoint> {
  if (path2 === undefined) {
    const only = await openNetwork(path, 'text-encoder')
    if (only.textEncoder || !only.textEncoder2) return only
    throw new LoomError('mismatch', `${only.path} is SDXL's second text encoder (OpenCLIP-G); the first is missing.`, {
      hint: 'Give the CLIP-L that belongs to it as well, or an SDXL checkpoint.',
    })
  }
  const [a, b] = [await readTower(path), await readTower(path2)]
  const [first, second] = a.files.identity.base === 'sdxl' ? [b, a] : [a, b]
  const parts = { textEncoder: first.tower, textEncoder2: second.tower }
  try {
    return readCheckpoint({ ...first.files, parts, states: [first.files.states, second.files.states] }, 'sdxl')
  } catch (cause) {
    throw new LoomError('mismatch', `${path} and ${path2} are not the two text encoders of an SDXL model.`, {
      hint: 'Take CLIP-L (768 wide) and OpenCLIP-G (1280 wide).',
      cause,
    })
  }
}

async function readTower(path: string): Promise<{ files: ModelFiles; tower: PartFile }> {
  const files = await readModelFiles(path)
  const { kind } = files.identity
  const tower = files.parts.textEncoder ?? files.parts.textEncoder2
  if (kind === 'text-encoder' && tower) return { files, tower }
  throw refusal(files.path, files.identity, 'one of two text encoders')
}
