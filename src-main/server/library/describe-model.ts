import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { familyTitle } from '#core/families/families.ts'
import { type ModelKind as FoundKind, identify } from '#core/formats/identify.ts'
import { modelKind } from '#core/protocol/routes.ts'
import type { FileKind } from '#core/types/types.ts'
import { readFact } from '#engine/facts.ts'
import { openTensorFile } from '#engine/files/tensor-file.ts'
import type { FoundModel } from './model-walk.ts'

/** A row of the model list. */
export const descriptionSchema = z.object({
  kind: modelKind,
  summary: z.string(),
  family: z.string().optional(),
  variant: z.string().optional(),
  error: z.string().optional(),
})
export type ModelDescription = z.infer<typeof descriptionSchema>

/** The kind of file input that takes it. */
const takenAs: Partial<Record<FoundKind, Exclude<FileKind, 'image'>>> = {
  checkpoint: 'checkpoint',
  adapter: 'lora',
  unet: 'unet',
  vae: 'vae',
  'preview-decoder': 'vae',
  'text-encoder': 'text-encoder',
}

const nouns: Record<Exclude<FileKind, 'image'>, string> = {
  checkpoint: 'checkpoint',
  lora: 'LoRA',
  unet: 'UNet',
  vae: 'VAE',
  'text-encoder': 'text encoder',
}

/**
 * Describes a model file from its header alone. A fault of the file is part of the description.
 * @throws LoomError `io` for a temporary failure: the drive is away, or permission is missing
 */
export async function describeModel(model: FoundModel): Promise<ModelDescription> {
  const { path, isFolder } = model
  try {
    const { kind, is } = isFolder
      ? { kind: 'checkpoint' as const, is: 'a diffusers folder' }
      : identify((await openTensorFile(path)).header.tensors)
    const takes = takenAs[kind]
    if (kind === 'embedding') return { kind, summary: titled(is) }
    if (takes === undefined) {
      return { kind: 'other', summary: titled(is), error: `It is ${is}; no node takes one.` }
    }
    const fact = await readFact(path, takes)
    if (fact.kind === 'error' && fact.code === 'io') throw new LoomError('io', fact.message)
    if (fact.kind === 'error') return { kind: takes, summary: titled(is), error: fact.message }
    const family = 'family' in fact && fact.family !== 'unknown' ? fact.family : undefined
    if (family === undefined) return { kind: takes, summary: titled(is) }
    const variant = 'variant' in fact ? fact.variant : undefined
    return {
      kind: takes,
      summary: `${familyTitle(family, variant)} ${nouns[takes]}`,
      family,
      ...(variant && { variant }),
    }
  } catch (error) {
    if (!(error instanceof LoomError) || error.code === 'io') throw error
    return unreadable(model, error)
  }
}

/** Describes a file whose content does not say what it is, by its folder. */
export function unreadable({ expected }: FoundModel, error: unknown): ModelDescription {
  const { message, hint = '' } = error instanceof LoomError ? error : new LoomError('io', String(error))
  return { kind: expected ?? 'other', summary: 'Cannot be used', error: `${message} ${hint}`.trim() }
}

/** "an adapter (LoRA)" as "Adapter (LoRA)". */
function titled(is: string): string {
  const bare = is.replace(/^(an?|the) /, '')
  return bare.charAt(0).toUpperCase() + bare.slice(1)
}
