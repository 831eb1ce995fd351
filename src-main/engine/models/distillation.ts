import { basename, dirname } from 'node:path'
import type { Distillation, Distilled } from '#core/types/distilled.ts'

/** Names of distillation methods in files and metadata, specific ones first. Dashes, dots and such separate words. */
const names: readonly (readonly [Distillation, RegExp])[] = [
  ['dmd2', /(^|[^a-z])dmd-?2?([^a-z]|$)/],
  ['lightning', /lightning/],
  ['hyper', /hyper[-_ ]?sd/],
  ['turbo', /turbo/],
  ['tcd', /(^|[^a-z])tcd([^a-z]|$)/],
  ['lcm', /(^|[^a-z])lcm([^a-z]|$)|latent[-_ ]?consistency/],
]

const stepsPattern = /(?<!\d)(\d{1,2})[-_ ]?steps?/

interface DistilledFile {
  readonly path: string
  readonly metadata?: ReadonlyMap<string, string>
  /** It takes the guidance scale as an input. Only full latent consistency models do. */
  readonly guidanceEmbedding?: boolean
  /** Names of an adapter's tensors. */
  readonly names?: readonly string[]
}

/**
 * The distillation method of a model or an adapter, by the names of file and folder and by the metadata, because the
 * weights of most methods look alike. Undefined if nothing indicates a method.
 */
export function distillationOf({
  path,
  metadata,
  guidanceEmbedding,
  names: tensors,
}: DistilledFile): Distilled | undefined {
  if (guidanceEmbedding) return { method: 'lcm', guided: true }
  const told = [
    basename(path),
    basename(dirname(path)),
    metadata?.get('modelspec.title'),
    metadata?.get('ss_output_name'),
  ]
  for (const text of told) {
    const said = text?.toLowerCase() ?? ''
    const method = names.find(([, pattern]) => pattern.test(said))?.[0]
    if (!method) continue
    const steps = Number(stepsPattern.exec(said)?.[1] ?? 0)
    const guided = method === 'hyper' && /cfg/.test(said)
    return { method, ...(steps > 0 && { steps }), ...(guided && { guided }) }
  }
  return tensors && isLcmLora(tensors) ? { method: 'lcm' } : undefined
}

/** LCM-LoRA also changes convolutions and time projections, named as in diffusers in kohya's syntax. */
function isLcmLora(tensors: readonly string[]): boolean {
  const layers = ['_resnets_0_conv1.', '_time_emb_proj.', '_downsamplers_0_conv.']
  return layers.every((layer) =>
    tensors.some((name) => name.startsWith('lora_unet_down_blocks_') && name.includes(layer)),
  )
}
