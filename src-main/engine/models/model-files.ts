import type { BaseFamily } from '#core/families/families.ts'
import type { Identity } from '#core/formats/identify.ts'
import type { Checkpoint } from './checkpoint.ts'
import { about, identityOf, type PartFiles, readParts, readPrediction } from './parts.ts'
import type { TensorRef } from './weights.ts'

/** The headers and configs of a model file or folder, before its networks are read. */
export interface ModelFiles {
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
  /** The prediction type as written in the files. */
  readonly prediction: string | undefined
  /** States of all files that were read. */
  readonly states: readonly unknown[]
}

/**
 * Reads the networks of model files.
 * @param family the family if the files do not show it
 * @throws LoomError `mismatch`, `unsupported` or `parse`, with the path
 */
export function readCheckpoint(files: ModelFiles, family: BaseFamily): Checkpoint {
  const { path, layout, identity, parts, rest, states } = files
  try {
    const { unused, ...networks } = readParts(parts, family)
    return {
      family,
      variant: identity.variant ?? 'base',
      layout,
      path,
      prediction: readPrediction(files.prediction, family),
      ...networks,
      unused: [...unused, ...rest],
      identity: identityOf(states),
    }
  } catch (error) {
    throw about(path, error)
  }
}
