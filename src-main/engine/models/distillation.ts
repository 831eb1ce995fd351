import { basename, dirname } from 'node:path'
import type { Distillation, Distilled } from '#core/types/distilled.ts'

/** What the makers of distilled files call them, the more particular first; words are divided by dashes, dots and the like. */
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
  /** It takes the guidance scale as an input, as full latent consistency models alone do. */
  readonly guidanceEmbedding?: boolean
  /** Names of its tensors, of an adapter. */
  readonly names?: readonly string[]
}

/**
 * How a model or an adapter was distilled: by the names that its makers give it (of the file, of its folder, in its metadata), since
 * the weights of most methods look alike; undefined for what says nothing.
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

/** LCM-LoRA changes convolutions and time projections too, under diffusers' names in kohya's syntax (arXiv 2311.05556's training script). */
function isLcmLora(tensors: readonly string[]): boolean {
  const layers = ['_resnets_0_conv1.', '_time_emb_proj.', '_downsamplers_0_conv.']
  return layers.every((layer) =>
    tensors.some((name) => name.startsWith('lora_unet_down_blocks_') && name.includes(layer)),
  )
}
