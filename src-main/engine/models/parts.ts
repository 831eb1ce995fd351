import { createHash } from 'node:crypto'
import { LoomError } from '#core/errors.ts'
import type { SafetensorsFile } from '../files/safetensors-file.ts'
import type { Checkpoint, Prediction } from './checkpoint.ts'
import { type PartFile, readNetwork } from './keys/network-kind.ts'
import { textEncoder } from './keys/text-encoder.ts'
import { unet } from './keys/unet.ts'
import { vae } from './keys/vae.ts'
import type { TensorRef } from './weights.ts'

/** How each network of a checkpoint is read. */
const kinds = { unet, textEncoder, vae } as const
export type PartName = keyof typeof kinds
export const partNames: readonly PartName[] = ['unet', 'textEncoder', 'vae']

export type PartFiles = { readonly [Name in PartName]?: PartFile }

/** The networks that the parts hold, and the tensors that belong to none. */
export function readParts(parts: PartFiles): Pick<Checkpoint, PartName | 'unused'> {
  const unused: TensorRef[] = []
  const read = <Config>(kind: Parameters<typeof readNetwork<Config>>[0], part: PartFile) => {
    const result = readNetwork(kind, part)
    unused.push(...result.unused)
    return result.network
  }
  return {
    ...(parts.unet && { unet: read(kinds.unet, parts.unet) }),
    ...(parts.textEncoder && { textEncoder: read(kinds.textEncoder, parts.textEncoder) }),
    ...(parts.vae && { vae: read(kinds.vae, parts.vae) }),
    unused,
  }
}

/** All tensors of a file as references into it. */
export function refsOf(file: SafetensorsFile): TensorRef[] {
  return Array.from(file.header.tensors, ([name, info]) => ({ file: file.path, name, ...info }))
}

/** Spellings of the prediction type in metadata and scheduler configs. */
const predictions: ReadonlyMap<string, Prediction> = new Map([
  ['epsilon', 'epsilon'],
  ['eps', 'epsilon'],
  ['v', 'v_prediction'],
  ['v_prediction', 'v_prediction'],
])

/**
 * The prediction type that a file or a scheduler config names; SD1.x predicts epsilon.
 * @throws LoomError `unsupported` for one that no solver here knows.
 */
export function readPrediction(name: string | undefined): Prediction {
  const prediction = predictions.get((name ?? 'epsilon').toLowerCase())
  if (prediction) return prediction
  throw new LoomError('unsupported', `The model predicts "${name}"; epsilon and v_prediction are known.`)
}

/** One hash for the states of all files that were read. */
export function identityOf(states: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(states)).digest('hex')
}

/** The same error, said of a file or folder. */
export function about(path: string, error: unknown): unknown {
  if (!(error instanceof LoomError) || error.message.includes(path)) return error
  return new LoomError(error.code, `${path}: ${error.message}`, { hint: error.hint, cause: error })
}
