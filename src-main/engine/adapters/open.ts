import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { identify } from '#core/formats/identify.ts'
import type { DetectedDistillation } from '#core/types/distilled.ts'
import { decodeNumbers, isNumeric } from '../files/decode-numbers.ts'
import { osCode, osError } from '../files/os-error.ts'
import { openSafetensors, type SafetensorsFile, type TensorReader, withTensors } from '../files/safetensors-file.ts'
import { detectDistillation } from '../models/distillation.ts'
import { about, identityOf, refsOf } from '../models/parts.ts'
import type { ChangeKind, TensorRef } from '../models/weights.ts'
import type { Adapter, AdapterBase, AdapterModule, IdleModule } from './adapter.ts'
import { partOf } from './aliases.ts'
import { guessBase } from './base.ts'
import { type AdapterNames, type ForeignRole, sortNames } from './names.ts'
import { type PeftConfigs, parsePeftConfigs, peftScale } from './peft.ts'
import { emptiness, readModule, type UnscaledModule } from './unscaled.ts'

/**
 * Opens an adapter of any kind and naming that docs/models.md lists. Reads only the alphas of its tensors.
 * @throws LoomError as `openSafetensors`; `mismatch` if it is no adapter or a module's tensors do not fit together;
 *   `unsupported` for other kinds; `range` for an alpha that is NaN or infinite; `parse`
 */
export async function openAdapter(path: string): Promise<Adapter> {
  const file = await openSafetensors(path)
  try {
    return await readAdapter(file)
  } catch (error) {
    throw about(file.path, error)
  }
}

/** Facts from the header of an adapter's file. */
interface AdapterHeader {
  readonly base: AdapterBase
  /** Whether a live strength would be expensive in every run. */
  readonly foldedOnly?: true
  readonly distillation?: DetectedDistillation
  /** Changes text encoders and nothing else. */
  readonly textOnly?: true
}

/** @throws LoomError as `openAdapter`, except for errors in alphas and settings */
export async function readAdapterHeader(path: string): Promise<AdapterHeader> {
  const file = await openSafetensors(path)
  try {
    const { unscaled } = readNames(file)
    const modules = unscaled.map(({ name }) => name)
    const distillation = detectDistillation({ path: file.path, metadata: file.header.metadata, modules })
    return {
      base: guessBase(unscaled),
      ...(!unscaled.every(livesCheaply) && { foldedOnly: true }),
      ...(modules.every((name) => partOf(name) !== 'unet') && { textOnly: true }),
      ...(distillation && { distillation }),
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
  difference: false,
  replacement: false,
}

/** Whether a live strength is cheap. Norms and biases are small enough for every kind. */
function livesCheaply({ change, shape }: UnscaledModule): boolean {
  return canLive[change(1).kind] || shape.length === 1
}

async function readAdapter(file: SafetensorsFile): Promise<Adapter> {
  const { names, unscaled, empty } = readNames(file)
  const settings = await readSettings(file)
  const peft: PeftConfigs = settings ? parsePeftConfigs(settings.json, settings.source) : new Map()
  const modules: AdapterModule[] = []
  const idle = [...empty]
  await withTensors(file, async (read) => {
    for (const module of unscaled) {
      const scaled = await withScale(read, module, names.pieces.get(module.name)?.get('alpha'), peft)
      if (scaled) modules.push(scaled)
      else idle.push({ name: module.name, reason: 'its alpha is 0' })
    }
  })
  return {
    path: file.path,
    identity: identityOf([file.identity, settings?.json]),
    modules,
    idle,
    base: guessBase(unscaled),
    unknown: names.unknown,
  }
}

interface ReadNames {
  readonly names: AdapterNames
  readonly unscaled: readonly UnscaledModule[]
  /** Modules without anything to add. */
  readonly empty: readonly IdleModule[]
}

/** @throws LoomError `mismatch` if the file is no adapter, `unsupported` for other kinds */
function readNames(file: SafetensorsFile): ReadNames {
  const names = sortNames(refsOf(file))
  if (names.pieces.size === 0 && names.foreign.size === 0) {
    throw new LoomError('mismatch', `It is no adapter: it is ${identify(file.header.tensors).is}.`, {
      hint: 'Take a LoRA file; whole models go into the Checkpoint node.',
    })
  }
  for (const [role, tensors] of names.foreign) {
    throw new LoomError(
      'unsupported',
      `The adapter has ${tensors.length} tensors of ${foreignNames[role]}, first ${tensors[0]}.`,
      { hint: 'This kind is not built; take another version of the adapter.' },
    )
  }
  const unscaled: UnscaledModule[] = []
  const empty: IdleModule[] = []
  for (const [name, pieces] of names.pieces) {
    const reason = emptiness(pieces)
    if (reason === undefined) unscaled.push(...readModule(name, pieces))
    else empty.push({ name, reason })
  }
  return { names, unscaled, empty }
}

const foreignNames: Record<ForeignRole, string> = {
  oft: 'OFT or BOFT',
  reshape: 'weights of another shape (reshape_weight)',
}

/** The change with its scale. Undefined if alpha makes it nothing. */
async function withScale(
  read: TensorReader,
  { change, ...unscaled }: UnscaledModule,
  alpha: TensorRef | undefined,
  peft: PeftConfigs,
): Promise<AdapterModule | undefined> {
  const { name, rank } = unscaled
  if (rank === undefined && change(1).kind !== 'lokr') return { ...unscaled, change: change(1) }
  const scale = alpha && rank !== undefined ? (await readAlpha(read, alpha)) / rank : peftScale(peft, name, rank)
  if (!Number.isFinite(scale)) {
    throw new LoomError('range', `The adapter's module ${name} has the scale ${scale}; it would ruin the picture.`, {
      hint: 'The file is damaged or was trained wrongly; take another one.',
    })
  }
  const scaled = change(scale)
  // a magnitude changes the weight also where the direction adds nothing
  return scale === 0 && scaled.kind !== 'dora' ? undefined : { ...unscaled, change: scaled }
}

async function readAlpha(read: TensorReader, { name, dtype, shape }: TensorRef): Promise<number> {
  const elements = shape.reduce((product, size) => product * size, 1)
  const alpha = elements === 1 && isNumeric(dtype) ? decodeNumbers(dtype, await read(name))[0] : undefined
  if (alpha !== undefined && Number.isFinite(alpha)) return alpha
  const value = alpha ?? `${dtype} [${shape.join(', ')}]`
  throw new LoomError('range', `The adapter's ${name} is ${value}; it must be a finite number.`, {
    hint: 'The file is damaged or was trained wrongly; take another one.',
  })
}

/** diffusers stores PEFT's settings in the file; PEFT itself stores them next to it. */
async function readSettings(file: SafetensorsFile): Promise<{ json: string; source: string } | undefined> {
  const inside = file.header.metadata.get('lora_adapter_metadata')
  if (inside !== undefined) return { json: inside, source: 'lora_adapter_metadata' }
  if (basename(file.path) !== 'adapter_model.safetensors') return undefined
  const beside = join(dirname(file.path), 'adapter_config.json')
  try {
    return { json: await readFile(beside, 'utf8'), source: beside }
  } catch (error) {
    if (osCode(error) === 'ENOENT') return undefined
    throw osError(error, 'read', beside)
  }
}
