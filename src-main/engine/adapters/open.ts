import { basename, dirname, join } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { type Identity, identify } from '#core/formats/identify.ts'
import { prefixNotice } from '#core/formats/tensor-names.ts'
import type { DetectedDistillation } from '#core/types/distilled.ts'
import type { Noticed } from '#core/types/facts.ts'
import { decodeNumbers, isNumeric } from '../files/decode-numbers.ts'
import { readRegularText } from '../files/regular-file.ts'
import { openTensorFile, type TensorFile, type TensorReader, withTensors } from '../files/tensor-file.ts'
import { detectDistillation } from '../models/distillation.ts'
import { count } from '../models/networks/stored.ts'
import { about, identityOf, refsOf } from '../models/parts.ts'
import type { ChangeKind, TensorRef } from '../models/weights.ts'
import type { Adapter, AdapterBase, AdapterModule, Assumption, IdleModule } from './adapter.ts'
import { partOf } from './aliases.ts'
import { guessBase } from './base.ts'
import type { UnscaledModule } from './module.ts'
import { type AdapterNames, sortNames } from './names.ts'
import { configOf, notBuilt, type PeftConfig, type PeftConfigs, parsePeftConfigs, peftScale } from './peft.ts'
import { incompleteHint, readModule } from './unscaled.ts'

/**
 * Opens an adapter of any kind and naming that docs/models.md lists. Reads only the alphas of its tensors.
 * @throws LoomError as `openTensorFile`; `mismatch` if it is no adapter or a module's tensors do not fit together;
 *   `unsupported` for other kinds; `range` for an alpha that is NaN or infinite; `parse`
 */
export async function openAdapter(path: string): Promise<Adapter> {
  const file = await openTensorFile(path)
  try {
    return await readAdapter(file)
  } catch (error) {
    throw about(file.path, error)
  }
}

/** Facts from the header of an adapter's file. */
interface AdapterHeader extends Noticed {
  readonly base: AdapterBase
  /** Whether a live strength would be expensive in every run. */
  readonly foldedOnly?: true
  readonly distillation?: DetectedDistillation
  /** Changes text encoders and nothing else. */
  readonly textOnly?: true
}

/** @throws LoomError as `openAdapter`, except for errors in alphas */
export async function readAdapterHeader(path: string, name = path): Promise<AdapterHeader> {
  const file = await openTensorFile(path)
  try {
    const { names, configs } = await readParts(file)
    const [unscaled, idle]: [UnscaledModule[], IdleModule[]] = [[], []]
    for (const [name, pieces] of names.pieces) {
      const read = readModule(name, pieces, { config: configOf(configs, name) })
      if ('reason' in read) idle.push(read)
      else unscaled.push(...read)
    }
    if (unscaled.length === 0) refuseIncomplete(idle)
    const modules = unscaled.map(({ name }) => name)
    const notice = prefixNotice(names.prefix)
    const distillation = detectDistillation({ paths: [name, file.path], metadata: file.header.metadata, modules })
    return {
      base: guessBase(unscaled),
      ...(!unscaled.every(livesCheaply) && { foldedOnly: true }),
      ...(modules.length > 0 && modules.every((name) => partOf(name) !== 'unet') && { textOnly: true }),
      ...(distillation && { distillation }),
      ...(notice !== undefined && { notice }),
    }
  } catch (error) {
    throw about(file.path, error)
  }
}

/** A live strength is cheap for low-rank changes. For other kinds, every run would recompute and repack the weight. */
const canLive: Record<ChangeKind, boolean> = {
  lora: true,
  loha: false,
  lokr: false,
  glora: false,
  dora: false,
  gain: false,
  rotation: false,
  difference: false,
  replacement: false,
}

/** Whether a live strength is cheap. Norms and biases are small enough for every kind. */
function livesCheaply({ change, shape }: UnscaledModule): boolean {
  return canLive[change(1).kind] || shape.length === 1
}

async function readAdapter(file: TensorFile): Promise<Adapter> {
  const { names, configs, settings } = await readParts(file)
  const namesTrainer = Array.from(file.header.metadata.keys()).some((key) => trainerKeys.test(key))
  const modules: AdapterModule[] = []
  const idle: IdleModule[] = []
  await withTensors(file, async (read) => {
    for (const [name, pieces] of names.pieces) {
      const [config, onInput] = [configOf(configs, name), pieces.get('onInput')]
      const given = { config, namesTrainer, onInput: onInput !== undefined && (await readScalar(read, onInput)) !== 0 }
      const found = readModule(name, pieces, given)
      if ('reason' in found) {
        idle.push(found)
        continue
      }
      for (const module of found) {
        const scaled = await withScale(read, module, pieces.get('alpha'), config)
        if (scaled) modules.push(scaled)
        else idle.push({ name, reason: 'its alpha is 0' })
      }
    }
  })
  if (modules.length === 0) refuseIncomplete(idle)
  return {
    path: file.path,
    identity: identityOf([file.identity, settings?.json]),
    modules,
    idle,
    base: guessBase(modules),
    unknown: names.unknown,
    ...assumptionOf(modules, lacksSettings(names, settings)),
  }
}

/** Refuses a file of which nothing is left because its modules lack tensors. */
function refuseIncomplete(idle: readonly IdleModule[]): void {
  const half = idle.find(({ incomplete }) => incomplete)
  if (!half) return
  throw new LoomError('parse', `The adapter's module ${half.name} cannot be used: ${half.reason}.`, {
    hint: incompleteHint,
  })
}

/** Metadata of kohya's trainer, LyCORIS and OneTrainer. */
const trainerKeys = /^(ss_|ot_)/

function assumptionOf(modules: readonly AdapterModule[], lacksSettings: boolean): Pick<Adapter, 'assumed'> {
  if (lacksSettings) return { assumed: withoutSettings }
  const asComfyui = modules.some(({ change }) => change.kind === 'dora' && change.lengthsOf === 'weight')
  return asComfyui ? { assumed: withoutTrainer } : {}
}

const withoutTrainer: Assumption = {
  is: 'It does not say what trained it: its DoRA divides rows by the lengths of the old weights, as ComfyUI does.',
  hint: 'Take the file as its trainer saved it, with its metadata, to have it divided as in training.',
}
const withoutSettings: Assumption = {
  is: 'PEFT wrote this adapter, but its settings are not known: alpha / rank is taken as 1.',
  hint: 'Put the adapter_config.json of the same download beside it, and name the file adapter_model.safetensors.',
}

/** Whether PEFT wrote the file and what scales it is unknown. diffusers changes the names, and keeps alpha or means 1. */
function lacksSettings({ pieces }: AdapterNames, settings: PeftSettings | undefined): boolean {
  if (settings) return false
  return Array.from(pieces).some(([name, module]) => name.startsWith('base_model.model.') && !module.has('alpha'))
}

interface AdapterParts {
  readonly names: AdapterNames
  readonly settings: PeftSettings | undefined
  readonly configs: PeftConfigs
}

/** @throws LoomError `mismatch` if the file is no adapter, `unsupported` for kinds that are not built */
async function readParts(file: TensorFile): Promise<AdapterParts> {
  const names = sortNames(refsOf(file))
  for (const [title, tensors] of names.foreign) {
    throw new LoomError('unsupported', `The adapter has ${tensors.length} tensors of ${title}, first ${tensors[0]}.`, {
      hint: notBuilt,
    })
  }
  const settings = await readSettings(file)
  const configs: PeftConfigs = settings ? parsePeftConfigs(settings.json, settings.source) : new Map()
  if (names.pieces.size === 0) refuseOther(identify(file.header.tensors), names.unknown)
  return { names, settings, configs }
}

function refuseOther({ kind, is }: Identity, [first]: readonly string[]): never {
  if (kind === 'adapter') {
    throw new LoomError('unsupported', `It is an adapter of a kind that is not known here; it has ${first}.`, {
      hint: notBuilt,
    })
  }
  const hint =
    kind === 'embedding'
      ? 'Move it to the folder for embeddings, and write embedding:NAME in a prompt.'
      : 'Take a LoRA file; whole models go into the Checkpoint node.'
  throw new LoomError('mismatch', `It is no adapter: it is ${is}.`, { hint })
}

/** The change with its scale. Undefined if alpha makes it nothing. */
async function withScale(
  read: TensorReader,
  { change, alphaIs, ...unscaled }: UnscaledModule,
  alpha: TensorRef | undefined,
  config: PeftConfig | undefined,
): Promise<AdapterModule | undefined> {
  const { name, rank } = unscaled
  if (alphaIs === 'limit') return { ...unscaled, change: change(alpha ? await readScalar(read, alpha) : 0) }
  if (rank === undefined && change(1).kind !== 'lokr') return { ...unscaled, change: change(1) }
  const scale = alpha && rank !== undefined ? (await readScalar(read, alpha)) / rank : peftScale(config, name, rank)
  if (!Number.isFinite(scale)) {
    throw new LoomError('range', `The adapter's module ${name} has the scale ${scale}; it would ruin the picture.`, {
      hint: 'The file is damaged or was trained wrongly; take another one.',
    })
  }
  const scaled = change(scale)
  // a magnitude changes the weight also where the direction adds nothing
  return scale === 0 && scaled.kind !== 'dora' ? undefined : { ...unscaled, change: scaled }
}

/** @throws LoomError `range` for a tensor that is no single finite number */
async function readScalar(read: TensorReader, { name, dtype, shape }: TensorRef): Promise<number> {
  const single = count(shape) === 1 && isNumeric(dtype)
  const value = single ? decodeNumbers(dtype, await read(name))[0] : undefined
  if (value !== undefined && Number.isFinite(value)) return value
  const is = value ?? `${dtype} [${shape.join(', ')}]`
  throw new LoomError('range', `The adapter's ${name} is ${is}; it must be a finite number.`, {
    hint: 'The file is damaged or was trained wrongly; take another one.',
  })
}

interface PeftSettings {
  readonly json: string
  /** Where it stands. */
  readonly source: string
}

const maxConfigBytes = 10_000_000

/** The names that PEFT gives the file of an adapter, whose settings are beside it. */
const savedByPeft = /^adapter_model\.(safetensors|bin)$/

/** diffusers stores PEFT's settings in the file; PEFT itself stores them next to it. */
async function readSettings(file: TensorFile): Promise<PeftSettings | undefined> {
  const inside = file.header.metadata.get('lora_adapter_metadata')
  if (inside !== undefined) return { json: inside, source: 'lora_adapter_metadata' }
  if (!savedByPeft.test(basename(file.path))) return undefined
  const beside = join(dirname(file.path), 'adapter_config.json')
  try {
    return { json: await readRegularText(beside, maxConfigBytes), source: beside }
  } catch (error) {
    if (error instanceof LoomError && error.code === 'not-found') return undefined
    throw error
  }
}
