import type { BaseFamily } from '#core/families/families.ts'
import type { Told } from '#core/families/training.ts'
import type { Identity } from '#core/formats/identify.ts'
import type { Checkpoint } from './checkpoint.ts'
import { about, identityOf, type PartFiles, readParts } from './parts.ts'
import type { Said } from './training.ts'
import type { TensorRef } from './weights.ts'

/** The headers and configs of a model file or folder. */
export interface FilesRead {
  /** Real path of the file or folder. */
  readonly path: string
  readonly layout: Checkpoint['layout']
  readonly identity: Identity
  /** Its networks. Kinds other than `checkpoint` have one. */
  readonly parts: PartFiles
  /** Tensors outside all networks' prefixes. */
  readonly rest: readonly TensorRef[]
  /** Metadata of a single file. */
  readonly metadata: ReadonlyMap<string, string>
  /** What they say about the training of the UNet, the most reliable first. */
  readonly said: readonly Said[]
  /** States of all files that were read. */
  readonly states: readonly unknown[]
}

/** A model file or folder, before its networks are read. */
export interface ModelFiles extends FilesRead {
  readonly told: Told
}

/**
 * Reads the networks of model files.
 * @param family the family if the files do not show it
 * @throws LoomError `mismatch`, `unsupported` or `parse`, with the path
 */
export function readCheckpoint(files: ModelFiles, family: BaseFamily): Checkpoint {
  const { path, layout, identity, told, parts, rest, states } = files
  try {
    const { unused, ...networks } = readParts(parts, family)
    return {
      family,
      variant: identity.variant ?? 'base',
      layout,
      path,
      told,
      ...networks,
      unused: [...unused, ...rest],
      identity: identityOf(states),
    }
  } catch (error) {
    throw about(path, error)
  }
}
