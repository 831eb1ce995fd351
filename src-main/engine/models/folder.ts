import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { builtNames } from '#core/families/families.ts'
import { identify } from '#core/formats/identify.ts'
import { uncompiled } from '#core/formats/tensor-names.ts'
import { danglingLink } from '../files/dangling-link.ts'
import { osCode, osError } from '../files/os-error.ts'
import { readRegularText } from '../files/regular-file.ts'
import { openTensorFile, type TensorFile } from '../files/tensor-file.ts'
import type { PartFile } from './keys/network-kind.ts'
import type { FilesRead } from './model-files.ts'
import { type PartFiles, type PartName, partNames, refsOf } from './parts.ts'
import { saidByScheduler, schedulerConfig } from './said.ts'
import { isLone, lonePart, partOf, readSingleFile } from './single-file.ts'
import type { Said } from './training.ts'
import type { TensorRef } from './weights.ts'

/** Folder and file name of each network in diffusers. */
const places: Record<PartName, { readonly folder: string; readonly stem: string }> = {
  unet: { folder: 'unet', stem: 'diffusion_pytorch_model' },
  textEncoder: { folder: 'text_encoder', stem: 'model' },
  textEncoder2: { folder: 'text_encoder_2', stem: 'model' },
  vae: { folder: 'vae', stem: 'diffusion_pytorch_model' },
}

/** Suffixes of weight files, in order of preference. A folder often has several. */
const precisions = ['', '.fp16', '.bf16', '.non_ema'] as const

/** Names that torch's files have instead. */
const torchStems: ReadonlyMap<string, string> = new Map([['model', 'pytorch_model']])

/** Supported pipelines. The tensors show the family. */
const pipelines = /^(StableDiffusion\w*|LatentConsistencyModel\w*)Pipeline$/
const foreignPipelines = /3|Cascade|Upscale|Control|Adapter|GLIGEN|Depth|Pix2Pix/

const modelIndex = z.object({ _class_name: z.string().optional() })
const shardIndex = z.object({ weight_map: z.record(z.string(), z.string()) })

const maxJsonBytes = 10_000_000

/**
 * Reads a diffusers folder: `unet`, `text_encoder` and so on, each with `config.json` and weights (whole or in shards),
 * or the folder of a single network. Reads only headers and configs.
 * @throws LoomError `not-found`, `unsupported` or `parse`, with the file
 */
export async function readFolder(path: string): Promise<FilesRead> {
  await checkPipeline(path)
  const found: [PartName, Part][] = []
  for (const name of partNames) {
    const { folder, stem } = places[name]
    const part = await readPart(join(path, folder), stem)
    if (part) found.push([name, part])
  }
  const parts: PartFiles = Object.fromEntries(found)
  if (!parts.unet) return readLoneFolder(path)
  const identity = identify(parts.unet.tensors)
  const said = await saidByFolder(path)
  return {
    path,
    layout: 'diffusers',
    identity:
      identity.model === undefined
        ? identity
        : { ...identity, kind: 'checkpoint', is: `${identity.model} checkpoint in a diffusers folder` },
    parts,
    rest: [],
    metadata: new Map(),
    said,
    states: [...found.map(([name, { states }]) => [name, states]), ...said],
  }
}

async function readLoneFolder(path: string): Promise<FilesRead> {
  const part = (await readPart(path, 'diffusion_pytorch_model')) ?? (await readPart(path, 'model'))
  const adapter = part ? undefined : await adapterIn(path)
  if (adapter !== undefined) return readSingleFile(adapter)
  const identity = part && identify(part.tensors)
  if (!part || !identity) throw noModel(path, await listFolder(path))
  const { kind, base } = identity
  const parts = isLone(kind)
    ? { [partOf(kind, base)]: { ...lonePart(kind, [...part.tensors.values()]), json: part.json } }
    : {}
  // a UNet is often taken from the folder of its model
  const said = kind === 'unet' ? await saidByFolder(dirname(path)) : []
  const states = [...part.states, ...said]
  return { path, layout: 'diffusers', identity, parts, rest: [], metadata: new Map(), said, states }
}

/** Files that stay where weights were not downloaded: the file, what it is, and what belongs to it. */
const settings: readonly (readonly [file: string, is: string, weights: string])[] = [
  ['adapter_config.json', 'the settings of a PEFT adapter', 'adapter_model.safetensors'],
  ['config.json', 'the config of a network', 'diffusion_pytorch_model.safetensors (or model.safetensors)'],
]

/** The error for a folder without the weights of a model, by what it has instead. */
function noModel(path: string, names: ReadonlySet<string>): LoomError {
  const [file, is, weights = 'unet/diffusion_pytorch_model.safetensors'] =
    settings.find(([each]) => names.has(each)) ?? []
  const others = [...names].filter((name) => /\.(safetensors|sft|ckpt|pt|pth|bin)$/i.test(name)).sort()
  const lacks = is === undefined ? `${path} has no ${weights}.` : `${path} has ${is} (${file}) and no ${weights}.`
  if (others.length > 0) {
    const more = others.length > 3 ? ` and ${others.length - 3} more` : ''
    return new LoomError('not-found', `${lacks} It has ${others.slice(0, 3).join(', ')}${more}.`, {
      hint: 'Give one of these files itself.',
    })
  }
  return new LoomError('not-found', names.size === 0 ? `${path} is an empty folder.` : lacks, {
    hint:
      is === undefined
        ? 'Give the folder that holds model_index.json, unet, text_encoder and vae.'
        : 'Download it again, with its large files.',
  })
}

/** The file of an adapter in a folder that PEFT or diffusers saved it in. */
async function adapterIn(folder: string): Promise<string | undefined> {
  for (const stem of ['adapter_model', 'pytorch_lora_weights']) {
    const [file] = (await weightFiles(folder, stem)) ?? []
    if (file !== undefined) return join(folder, file)
  }
  return undefined
}

/** What the scheduler config of a model's folder says about its UNet. */
export async function saidByFolder(path: string): Promise<Said[]> {
  const config = await readJson(join(path, 'scheduler', 'scheduler_config.json'), schedulerConfig)
  return config ? [saidByScheduler(config)] : []
}

interface Part extends PartFile {
  readonly states: readonly unknown[]
}

async function checkPipeline(path: string): Promise<void> {
  const pipeline = (await readJson(join(path, 'model_index.json'), modelIndex))?._class_name
  if (pipeline === undefined || (pipelines.test(pipeline) && !foreignPipelines.test(pipeline))) return
  throw new LoomError('unsupported', `${path} is a folder of ${pipeline}, which is not built yet.`, {
    hint: `Take an ${builtNames} model: StableDiffusionPipeline, StableDiffusionXLPipeline or LatentConsistencyModelPipeline.`,
  })
}

async function readPart(at: string, stem: string): Promise<Part | undefined> {
  const names = await weightFiles(at, stem)
  if (!names) return undefined
  const files = await Promise.all(names.map((file) => openTensorFile(join(at, file))))
  const json = await readJson(join(at, 'config.json'), z.unknown())
  return {
    naming: 'diffusers',
    tensors: mergeShards(files),
    json,
    states: [...files.map(({ identity }) => identity), json],
  }
}

/** The names of a network's weight files: those of safetensors, or else those of torch. */
async function weightFiles(at: string, stem: string): Promise<string[] | undefined> {
  const present = await listFolder(at)
  for (const file of [`${stem}*.safetensors`, `${torchStems.get(stem) ?? stem}*.bin`]) {
    const whole = precisions.map((each) => file.replace('*', each)).find((name) => present.has(name))
    if (whole !== undefined) return [whole]
    const index = precisions
      .map((each) => `${file.replace('*', '')}.index${each}.json`)
      .find((name) => present.has(name))
    if (index !== undefined) return shardNames(join(at, index))
  }
  return undefined
}

async function shardNames(path: string): Promise<string[]> {
  const index = await readJson(path, shardIndex)
  const names = Array.from(new Set(Object.values(index?.weight_map ?? {}))).sort()
  const outside = names.find((name) => basename(name) !== name)
  if (outside === undefined) return names
  throw new LoomError('parse', `${path} names the shard "${outside}", which lies outside ${dirname(path)}.`)
}

function mergeShards(files: readonly TensorFile[]): Map<string, TensorRef> {
  const tensors = new Map<string, TensorRef>()
  for (const saved of files.flatMap(refsOf)) {
    const ref = { ...saved, name: uncompiled(saved.name) }
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
    await refuseMissing(cause, path)
    return new Set()
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

/**
 * The text of a config, if the file is there.
 * @throws LoomError `io`, `limit`
 */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readRegularText(path, maxJsonBytes)
  } catch (error) {
    await refuseMissing(error instanceof LoomError ? (error.cause ?? error) : error, path)
    return undefined
  }
}

/**
 * Accepts that a file or folder is not there.
 * @throws LoomError if a link to it leads nowhere, or for any other error
 */
async function refuseMissing(error: unknown, path: string): Promise<void> {
  if (!/^ENOENT$|^ENOTDIR$/.test(osCode(error))) throw osError(error, 'read', path)
  const dangling = await danglingLink(path)
  if (dangling) throw dangling
}
