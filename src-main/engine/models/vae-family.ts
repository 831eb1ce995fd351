import { basename, dirname } from 'node:path'
import { z } from 'zod'
import type { Identity } from '#core/formats/identify.ts'
import type { BaseFamily } from '#core/types/types.ts'
import { taesdFamily } from './keys/taesd.ts'
import { familyScaling } from './keys/vae.ts'
import type { ModelFiles } from './model-files.ts'

/** How the VAEs that people pass around are called. */
const names: readonly (readonly [family: 'sd1' | 'sdxl', pattern: RegExp])[] = [
  ['sdxl', /sd-?xl|(^|[^a-z])xl/i],
  ['sd1', /sd-?v?(1|2|-vae)|ft-(mse|ema)|kl-f8/i],
]

const familyNames = { sd1: 'SD1.x', sd2: 'SD2.x', sdxl: 'SDXL' } as const satisfies Record<BaseFamily, string>

/**
 * What a VAE alone is, with its family: all have one shape, so the scaling in a folder's `config.json` tells it, else the name of
 * the file or folder.
 * @param path as it was given: real paths of a cache are hashes
 */
export function withVaeFamily(path: string, { identity, parts }: ModelFiles): Identity {
  if (identity.kind !== 'vae' && identity.kind !== 'preview-decoder') return identity
  const said = [basename(path), basename(dirname(path))]
  const named =
    identity.kind === 'vae'
      ? (scaledAs(parts.vae?.json) ?? firstOf(said, (text) => names.find(([, pattern]) => pattern.test(text))?.[0]))
      : firstOf(said, taesdFamily)
  return named === undefined ? identity : { ...identity, base: named, family: familyNames[named] }
}

const scaled = z.object({ scaling_factor: z.number() })

/** The family whose scaling a config has. */
function scaledAs(json: unknown): 'sd1' | 'sdxl' | undefined {
  const scaling = scaled.safeParse(json).data?.scaling_factor
  return (['sd1', 'sdxl'] as const).find((family) => familyScaling[family] === scaling)
}

function firstOf<T>(texts: readonly string[], told: (text: string) => T | undefined): T | undefined {
  return texts.map(told).find((each) => each !== undefined)
}
