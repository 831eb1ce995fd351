import { basename, dirname } from 'node:path'
import { z } from 'zod'
import { type BaseFamily, baseFamilies, vaeFamilyIds, vaeFamilyNamed } from '#core/families/families.ts'
import type { Identity } from '#core/formats/identify.ts'
import type { FilesRead } from './model-files.ts'

/**
 * Adds the family to the identity of a separate VAE. All VAEs have the same shape, so the family comes from the scaling
 * in a folder's `config.json`, or else from the name of the file or folder.
 * @param path as given, because real paths in a cache are hashes
 */
export function withVaeFamily(path: string, { identity, parts }: FilesRead): Identity {
  if (identity.kind !== 'vae' && identity.kind !== 'preview-decoder') return identity
  const said = [basename(path), basename(dirname(path))]
  const named =
    identity.kind === 'vae'
      ? (scaledAs(parts.vae?.json) ?? firstOf(said, (text) => vaeFamilyNamed(text, 'full')))
      : firstOf(said, (text) => vaeFamilyNamed(text, 'tiny'))
  return named === undefined ? identity : { ...identity, base: named, family: baseFamilies[named].name }
}

const scaled = z.object({ scaling_factor: z.number() })

/** The family with the scaling of a config. */
function scaledAs(json: unknown): BaseFamily | undefined {
  const scaling = scaled.safeParse(json).data?.scaling_factor
  return vaeFamilyIds.find((id) => baseFamilies[id].latents.scaling === scaling)
}

function firstOf<T>(texts: readonly string[], told: (text: string) => T | undefined): T | undefined {
  return texts.map(told).find((each) => each !== undefined)
}
