import { createHash } from 'node:crypto'
import { LoomError } from '#core/errors.ts'
import type { BaseFamily } from '#core/families/families.ts'
import type { TensorFile } from '../files/tensor-file.ts'
import type { Checkpoint } from './checkpoint.ts'
import { type PartFile, readNetwork } from './keys/network-kind.ts'
import { taesd } from './keys/taesd.ts'
import { textEncoder, textEncoder2 } from './keys/text-encoder.ts'
import { unet } from './keys/unet.ts'
import { vae } from './keys/vae.ts'
import type { TensorRef } from './weights.ts'

/** The kinds of a checkpoint's networks. */
export const kinds = { unet, textEncoder, textEncoder2, vae } as const
export type PartName = keyof typeof kinds
export const partNames: readonly PartName[] = ['unet', 'textEncoder', 'textEncoder2', 'vae']

export type PartFiles = { readonly [Name in PartName]?: PartFile }

/** Reads the networks of the parts, and lists the tensors that none uses. */
export function readParts(parts: PartFiles, family: BaseFamily): Pick<Checkpoint, PartName | 'unused'> {
  const unused: TensorRef[] = []
  const read = <Config>(kind: Parameters<typeof readNetwork<Config>>[0], part: PartFile) => {
    const result = readNetwork(kind, part, family)
    unused.push(...result.unused)
    return result.network
  }
  return {
    ...(parts.unet && { unet: read(kinds.unet, parts.unet) }),
    ...(parts.textEncoder && { textEncoder: read(kinds.textEncoder, parts.textEncoder) }),
    ...(parts.textEncoder2 && { textEncoder2: read(kinds.textEncoder2, parts.textEncoder2) }),
    ...(parts.vae && { vae: isTaesd(parts.vae) ? read(taesd, parts.vae) : read(kinds.vae, parts.vae) }),
    unused,
  }
}

/** Tiny autoencoders number their layers. */
function isTaesd({ tensors }: PartFile): boolean {
  return Array.from(tensors.keys()).some((name) => /^(\d+|(en|de)coder\.layers\.\d+)\./.test(name))
}

/** All tensors of a file as references into it. */
export function refsOf(file: TensorFile): TensorRef[] {
  return Array.from(file.header.tensors, ([name, { layout, ...info }]) => ({
    file: file.path,
    name,
    ...info,
    ...(layout && { scattered: layout.bigEndian ? 'with its highest byte first' : 'out of order (not contiguous)' }),
  }))
}

/** A hash of the states of all files read. */
export function identityOf(states: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(states)).digest('hex')
}

/** The error with the path in its message. */
export function about(path: string, error: unknown): unknown {
  if (!(error instanceof LoomError) || error.message.includes(path)) return error
  return new LoomError(error.code, `${path}: ${error.message}`, { hint: error.hint, cause: error })
}
