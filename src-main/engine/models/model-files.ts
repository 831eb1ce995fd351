import type { BaseFamily } from '#core/families/families.ts'
import type { Identity } from '#core/formats/identify.ts'
import type { Checkpoint } from './checkpoint.ts'
import { about, identityOf, type PartFiles, readParts, readPrediction } from './parts.ts'
import type { TensorRef } from './weights.ts'

/** What the headers and configs of a model file or folder say, before its networks are read. */
export interface ModelFiles {
  /** Real path of the file or folder. */
  readonly path: string
  readonly layout: Checkpoint['layout']
  readonly identity: Identity
  /** Its networks; of a kind other than `checkpoint` there is one. */
  readonly parts: PartFiles
  /** Tensors under no network's prefix. */
  readonly rest: readonly TensorRef[]
  /** Of a single file. */
  readonly metadata: ReadonlyMap<string, string>
  /** The prediction type as the files spell it. */
  readonly prediction: string | undefined
  /** States of all files that were read. */
  readonly states: readonly unknown[]
}

/**
 * The networks of model files.
 * @param family what the files are read as where they do not tell it themselves
 * @throws LoomError `mismatch`, `unsupported` or `parse`, naming the path
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
