import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { osCode, osError } from '../files/os-error.ts'
import { openSafetensors, type SafetensorsFile } from '../files/safetensors-file.ts'
import type { Checkpoint } from './checkpoint.ts'
import { identify, refusal } from './identify.ts'
import type { PartFile } from './keys/network-kind.ts'
import { about, identityOf, type PartName, partNames, readParts, readPrediction, refsOf } from './parts.ts'
import type { TensorRef } from './weights.ts'

/** Where diffusers keeps each network and how it calls its weights. */
const places: Record<PartName, { readonly folder: string; readonly stem: string }> = {
  unet: { folder: 'unet', stem: 'diffusion_pytorch_model' },
  textEncoder: { folder: 'text_encoder', stem: 'model' },
  vae: { folder: 'vae', stem: 'diffusion_pytorch_model' },
}

/** Full precision first; a folder often holds several. */
const variants = ['', '.fp16', '.bf16', '.non_ema'] as const

/** Pipelines whose networks are SD1.x's; SD2 shares their names and is told apart by its tensors. */
const pipelines = /^(StableDiffusion\w*|LatentConsistencyModel\w*)Pipeline$/
const foreignPipelines = /XL|3|Cascade|Upscale|Control|GLIGEN|Depth|Pix2Pix/

const modelIndex = z.object({ _class_name: z.string().optional() })
const shardIndex = z.object({ weight_map: z.record(z.string(), z.string()) })
const scheduler = z.object({ prediction_type: z.string().nullish() })

const maxJsonBytes = 10_000_000

interface Part extends PartFile {
  readonly states: readonly unknown[]
}

/**
 * Opens a checkpoint that is a diffusers folder: `unet`, `text_encoder` and `vae`, each with its `config.json` and weights (whole or
 * in shards). Only headers and configs are read.
 * @throws LoomError `not-found`, `unsupported`, `mismatch` or `parse`, naming the file.
 */
export async function openFolder(path: string): Promise<Checkpoint> {
  await checkPipeline(path)
  const parts: { [Name in PartName]?: Part } = {}
  for (const name of partNames) {
    const part = await readPart(path, name)
    if (part) parts[name] = part
  }
  if (!parts.unet) {
    throw new LoomError('not-found', `${path} has no unet/diffusion_pytorch_model.safetensors.`, {
      hint: 'Give the folder that holds model_index.json, unet, text_encoder and vae.',
    })
  }
  const identity = identify(parts.unet.tensors)
  if (identity.family !== 'SD1.x') throw refusal(path, identity)
  const schedulerJson = await readJson(join(path, 'scheduler', 'scheduler_config.json'), scheduler)
  try {
    return {
      family: 'sd1',
      layout: 'diffusers',
      path,
      prediction: readPrediction(schedulerJson?.prediction_type ?? undefined),
      ...readParts(parts),
      identity: identityOf([partNames.map((name) => parts[name]?.states), schedulerJson]),
    }
  } catch (error) {
    throw about(path, error)
  }
}

async function checkPipeline(path: string): Promise<void> {
  const pipeline = (await readJson(join(path, 'model_index.json'), modelIndex))?._class_name
  if (pipeline === undefined || (pipelines.test(pipeline) && !foreignPipelines.test(pipeline))) return
  throw new LoomError('unsupported', `${path} is a folder of ${pipeline}, which is not built yet.`, {
    hint: 'Take an SD1.x model: StableDiffusionPipeline or LatentConsistencyModelPipeline.',
  })
}

async function readPart(path: string, name: PartName): Promise<Part | undefined> {
  const { folder, stem } = places[name]
  const at = join(path, folder)
  const present = await listFolder(at)
  const variant = variants.find((each) => present.has(`${stem}${each}.safetensors`))
  const sharded = variants.find((each) => present.has(`${stem}.safetensors.index${each}.json`))
  if (variant === undefined && sharded === undefined) {
    const pickle = Array.from(present).find((file) => /\.(bin|ckpt|pt)$/.test(file))
    if (pickle === undefined) return undefined
    throw new LoomError('unsupported', `${join(at, pickle)} is a PyTorch pickle; only .safetensors files are read.`, {
      hint: `Save the model again with safe_serialization=True, or get ${folder}/${stem}.safetensors from its source.`,
    })
  }
  const names =
    variant !== undefined
      ? [`${stem}${variant}.safetensors`]
      : await shardNames(join(at, `${stem}.safetensors.index${sharded}.json`))
  const files = await Promise.all(names.map((file) => openSafetensors(join(at, file))))
  const json = await readJson(join(at, 'config.json'), z.unknown())
  return {
    naming: 'diffusers',
    tensors: mergeShards(files),
    json,
    states: [...files.map(({ identity }) => identity), json],
  }
}

async function shardNames(path: string): Promise<string[]> {
  const index = await readJson(path, shardIndex)
  const names = Array.from(new Set(Object.values(index?.weight_map ?? {}))).sort()
  const outside = names.find((name) => basename(name) !== name)
  if (outside === undefined) return names
  throw new LoomError('parse', `${path} names the shard "${outside}", which lies outside ${dirname(path)}.`)
}

function mergeShards(files: readonly SafetensorsFile[]): Map<string, TensorRef> {
  const tensors = new Map<string, TensorRef>()
  for (const ref of files.flatMap(refsOf)) {
    if (tensors.has(ref.name))
      throw new LoomError('parse', `${ref.file} repeats the tensor ${ref.name} of another shard.`)
    tensors.set(ref.name, ref)
  }
  return tensors
}

async function listFolder(path: string): Promise<Set<string>> {
  try {
    return new Set(await readdir(path))
  } catch (cause) {
    if (isMissing(cause)) return new Set()
    throw osError(cause, 'read', path)
  }
}

async function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema> | undefined> {
  const text = await readText(path)
  if (text === undefined) return undefined
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new LoomError('parse', `${path} is not the JSON that diffusers writes there.`, {
      hint: 'Download the file again.',
      cause,
    })
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path)
    if (size > maxJsonBytes)
      throw new LoomError('limit', `${path} has ${size} bytes; a config has ${maxJsonBytes} at most.`)
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (isMissing(cause)) return undefined
    throw osError(cause, 'read', path)
  }
}

function isMissing(error: unknown): boolean {
  return /^ENOENT$|^ENOTDIR$/.test(osCode(error))
}
