import { basename, dirname } from 'node:path'
import { z } from 'zod'
import { type DetectedDistillation, type Distillation, type Distilled, distillations } from '#core/types/distilled.ts'

/** Where files that this program saves declare their distillation, as JSON. */
export const distilledKey = 'latent-loom.distilled'

const methods = Object.keys(distillations) as [Distillation, ...Distillation[]]
const declaration = z.object({
  method: z.enum(methods),
  steps: z.int().positive().exactOptional(),
  guided: z.boolean().exactOptional(),
})

/** Words by which files name their method, specific ones first, in text as `worded` gives it. */
const words: readonly (readonly [Distillation, RegExp])[] = [
  ['dmd2', /\bdmd ?2?\b/],
  ['hyper', /\bhyper ?sd(xl|\d*)\b/],
  ['lcm', /\bpcm\b.*\blcm ?like\b/],
  ['pcm', /\bpcm\b|\bphased consistency\b/],
  ['flash', /\bflash ?(sd|sdxl|diffusion)\b/],
  ['lightning', /\b\w*lightning\b/],
  ['turbo', /\b(\w*(xl|sd|v\d+))?turbo\b/],
  ['tcd', /\btcd\b/],
  ['lcm', /\blcm\b|\blatent consistency\b/],
]

const stepsPattern = /(?<!\d)(\d{1,2}) ?steps?\b/

/** Names that say what sort of file it is and not which. */
const generic = /^(pytorch_lora_weights|adapter_model|diffusion_pytorch_model|pytorch_model|model|unet|lora)\b/

interface DistilledFile {
  /** Its path, and others that lead to it. */
  readonly paths: readonly string[]
  readonly metadata?: ReadonlyMap<string, string>
  /** It takes the guidance scale as an input. Only full latent consistency models do. */
  readonly guidanceEmbedding?: boolean
  /** Names of an adapter's modules. */
  readonly modules?: readonly string[]
}

/**
 * The distillation of a model or an adapter. Certain are the input for the guidance scale of a full LCM, what this
 * program declared when it saved the file, and an LCM-LoRA that is called so and changes the layers that LCM-LoRAs
 * change. Neither of the two is enough, since every LoCon changes the same layers. The name of a method is a hint,
 * because it may mean something else. Undefined if nothing indicates a method.
 */
export function detectDistillation(file: DistilledFile): DetectedDistillation | undefined {
  if (file.guidanceEmbedding) {
    const distilled = { method: 'lcm', guided: true } as const
    return { distilled, confidence: 'certain', evidence: 'its input for the guidance scale' }
  }
  const declared = declaredIn(file.metadata?.get(distilledKey))
  if (declared) return { distilled: declared, confidence: 'certain', evidence: 'its metadata' }
  const told = textsOf(file)
  const called = told.find(({ said }) => lcmLoraName.test(said))
  if (called && file.modules && hasLcmLayers(file.modules)) {
    const evidence = `${called.evidence} together with the layers that it changes`
    return { distilled: { method: 'lcm' }, confidence: 'certain', evidence }
  }
  for (const { evidence, said } of told) {
    const distilled = named(said)
    if (distilled) return { distilled, confidence: 'likely', evidence }
  }
  return undefined
}

function declaredIn(json: string | undefined): Distilled | undefined {
  if (json === undefined) return undefined
  try {
    return declaration.parse(JSON.parse(json))
  } catch {
    // what is not ours says nothing
    return undefined
  }
}

interface Told {
  readonly evidence: string
  readonly said: string
}

/** A longer title is a description. */
const mostLetters = 200

/** The texts of a file that may name its method. Its folder counts only if every such file has the same name. */
function textsOf({ paths, metadata }: DistilledFile): Told[] {
  const stated = (key: string) => (metadata?.get(key) ?? '').slice(0, mostLetters)
  const [title, output] = [stated('modelspec.title'), stated('ss_output_name')]
  return [
    ...paths.flatMap(namesOf),
    { evidence: `its title, "${title}",`, said: worded(title) },
    { evidence: `the name that its trainer gave it, "${output}",`, said: worded(output) },
  ]
}

function namesOf(path: string): Told[] {
  const name = basename(path)
  const folder = generic.test(name) ? folderOf(dirname(path)) : ''
  return [
    { evidence: 'its name', said: worded(name) },
    { evidence: `the name of its folder, "${folder}",`, said: worded(folder) },
  ]
}

/** The nearest folder with a name of its own. A download cache has `models--AUTHOR--NAME/snapshots/HASH`. */
function folderOf(folder: string): string {
  const name = basename(folder)
  const says = !generic.test(name) && !/^[\da-f]{40}$|^snapshots$/.test(name)
  return says || name === '' ? name.replace(/^models--.*--/, '') : folderOf(dirname(folder))
}

/** A name as lower-case words: `sdxlLightning_4step` becomes `sdxl lightning 4step`. */
function worded(name: string): string {
  return name
    .replace(/\.safetensors$/, '')
    .replace(/LoRA|LoCon/g, (word) => ` ${word.toLowerCase()} `)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replace(/[^A-Za-z\d]+/g, ' ')
    .toLowerCase()
    .trim()
}

function named(said: string): Distilled | undefined {
  const method = words.find(([, pattern]) => pattern.test(said))?.[0]
  if (!method) return undefined
  const steps = Number(stepsPattern.exec(said)?.[1] ?? 0)
  const guided = (method === 'hyper' && /\bcfg\b/.test(said)) || (method === 'pcm' && /\bnormal ?cfg\b/.test(said))
  return { method, ...(steps > 0 && { steps }), ...(guided && { guided }) }
}

/** Names that mean the method and nothing else: `LCM-LoRA for ...`, `lcm-lora-sdv1-5`, `lcm_sdxl_lora_fp16`. */
const lcmLoraName =
  /^lcm lora for |^lcm(?: (?:lora|weights|xl|sd(?:xl|\d*|v\d)|ssd|1b|vega|rt|fp16|bf16|rank|r?\d+|v\d+))+$/

/** The layers that the LCM-LoRA's authors train (arXiv 2311.05556): every product of the UNet's blocks. */
const lcmLayers = [
  ...['to_q', 'to_k', 'to_v', 'to_out_0', 'proj_in', 'proj_out', 'ff_net_0_proj', 'ff_net_2'],
  ...['conv1', 'conv2', 'conv_shortcut', 'time_emb_proj'],
]
/** Also trained, where there are several levels. */
const scalers = ['downsamplers_0_conv', 'upsamplers_0_conv']

/** Whether modules, named as in diffusers, are of each of these layers and of no others. */
function hasLcmLayers(modules: readonly string[]): boolean {
  const found = new Set(modules.map(lcmLayerOf))
  return !found.has(undefined) && lcmLayers.every((layer) => found.has(layer))
}

function lcmLayerOf(module: string): string | undefined {
  const name = `_${module.replaceAll('.', '_')}`
  if (!/_(down|up|mid)_blocks?_/.test(name)) return undefined
  return [...lcmLayers, ...scalers].find((layer) => name.endsWith(`_${layer}`))
}
