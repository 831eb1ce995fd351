import { realpath, stat } from 'node:fs/promises'
import { LoomError } from '#core/errors.ts'
import { type BaseFamily, defaultFamily } from '#core/families/families.ts'
import { osError } from '../files/os-error.ts'
import type { Checkpoint } from './checkpoint.ts'
import { readFolder } from './folder.ts'
import type { PartFile } from './keys/network-kind.ts'
import { type ModelFiles, readCheckpoint } from './model-files.ts'
import { refusal } from './refusal.ts'
import { isLone, type LoneKind, readSingleFile } from './single-file.ts'
import { withVaeFamily } from './vae-family.ts'

/** The networks that loaders of their own open. */
export type NetworkFile = Exclude<LoneKind, 'preview-decoder'>

/**
 * Opens a whole checkpoint of SD1.x, SD2.x or SDXL, a single `.safetensors` file or a diffusers folder, from its headers alone.
 * Networks that it lacks are absent; who needs one says so.
 * @throws LoomError `not-found`, `io`, `parse`, `limit`; `unsupported` or `mismatch`, saying what the file is instead.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  return checkpointOf(await readModelFiles(path))
}

/**
 * Opens a network from a file or folder of its own, or the checkpoint that it is part of.
 * @param family what it is read as where names and shapes do not tell, as with CLIP-L and VAEs
 * @throws LoomError as `openCheckpoint`
 */
export async function openNetwork(path: string, kind: NetworkFile, family?: BaseFamily): Promise<Checkpoint> {
  return networkOf(await readModelFiles(path), kind, family)
}

/**
 * What the headers of a model file or folder say, whatever it is.
 * @throws LoomError of what can be read as neither
 */
export async function readModelFiles(path: string): Promise<ModelFiles> {
  const files = (await isFolder(path)) ? await readFolder(await realpath(path)) : await readSingleFile(path)
  return { ...files, identity: withVaeFamily(path, files) }
}

/** @throws LoomError `not-found`, `io` */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    throw osError(error, 'read', path)
  }
}

/**
 * What a model file holds, be it a whole checkpoint or a network alone.
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

/** How each network is called in refusals. */
const nouns: Record<NetworkFile, string> = { unet: 'a UNet', 'text-encoder': 'a text encoder', vae: 'a VAE' }

/** @throws LoomError as `openNetwork` */
export function networkOf(files: ModelFiles, kind: NetworkFile, family = defaultFamily): Checkpoint {
  const { identity, path } = files
  if (isWhole(files)) return readCheckpoint(files, files.identity.base)
  if (!isLone(identity.kind) || roleOf(identity.kind) !== kind) throw refusal(path, identity, nouns[kind])
  return readCheckpoint(files, identity.base ?? family)
}

/** What a network of its own is loaded as. */
function roleOf(kind: LoneKind): NetworkFile {
  return kind === 'preview-decoder' ? 'vae' : kind
}

function isWhole(files: ModelFiles): files is ModelFiles & { identity: { base: BaseFamily } } {
  return files.identity.kind === 'checkpoint' && files.identity.base !== undefined
}

/**
 * Opens the text encoders of a model: one file, or the two of SDXL in either order.
 * @throws LoomError as `openNetwork`; `mismatch` if two are no pair, or one is the second of a pair alone
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
