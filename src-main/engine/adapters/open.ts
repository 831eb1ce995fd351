import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { osCode, osError } from '../files/os-error.ts'
import { openSafetensors, type SafetensorsFile, type TensorReader, withTensors } from '../files/safetensors-file.ts'
import { identify } from '../models/identify.ts'
import { about, identityOf, refsOf } from '../models/parts.ts'
import type { TensorRef } from '../models/weights.ts'
import type { Adapter, AdapterBase, AdapterKind, AdapterModule } from './adapter.ts'
import { guessBase } from './base.ts'
import { splitEnding } from './endings.ts'
import { type PeftConfigs, parsePeftConfigs, peftScale } from './peft.ts'
import { decodeScalar } from './scalar.ts'

/** The tensors of one module, by role. */
interface Pieces {
  up?: TensorRef
  down?: TensorRef
  alpha?: TensorRef
}

export interface AdapterNames {
  readonly pieces: ReadonlyMap<string, Pieces>
  /** Kinds that are not built, with the names of their tensors. */
  readonly foreign: ReadonlyMap<Exclude<AdapterKind, 'lora'>, readonly string[]>
  readonly unknown: readonly string[]
}

/**
 * Opens a LoRA file: kohya, PEFT or diffusers names, linear layers and convolutions. Of its tensors only the alphas are read.
 * @throws LoomError what `openSafetensors` throws; `mismatch` if it is no adapter or a module's two halves do not fit;
 * `unsupported` for kinds that are not built; `range` for an alpha that is 0, NaN or infinite; `parse`.
 */
export async function openAdapter(path: string): Promise<Adapter> {
  const file = await openSafetensors(path)
  try {
    return await readAdapter(file)
  } catch (error) {
    throw about(file.path, error)
  }
}

/**
 * What an adapter was made for, from the names and shapes in its header alone.
 * @throws LoomError as `openAdapter`, but for what is wrong with alphas and settings
 */
export async function readAdapterBase(path: string): Promise<AdapterBase> {
  const file = await openSafetensors(path)
  try {
    return guessBase([...supportedNames(file).pieces].map(([name, { down }]) => ({ name, shape: down?.shape })))
  } catch (error) {
    throw about(file.path, error)
  }
}

async function readAdapter(file: SafetensorsFile): Promise<Adapter> {
  const names = supportedNames(file)
  const settings = await readSettings(file)
  const peft: PeftConfigs = settings ? parsePeftConfigs(settings.json, settings.source) : new Map()
  const modules = await withTensors(file, async (read) => {
    const list: AdapterModule[] = []
    for (const [name, pieces] of names.pieces) list.push(await readModule(read, name, pieces, peft))
    return list
  })
  return {
    path: file.path,
    identity: identityOf([file.identity, settings?.json]),
    modules,
    base: guessBase(modules.map(({ name, down }) => ({ name, shape: down.shape }))),
    unknown: names.unknown,
  }
}

/** @throws LoomError `mismatch` if the file is no adapter, `unsupported` for kinds that are not built */
function supportedNames(file: SafetensorsFile): AdapterNames {
  const names = sortNames(refsOf(file))
  if (names.pieces.size === 0 && names.foreign.size === 0) {
    throw new LoomError('mismatch', `It is no adapter: it is ${identify(file.header.tensors).is}.`, {
      hint: 'Take a LoRA file; whole models go into the Checkpoint node.',
    })
  }
  for (const [kind, tensors] of names.foreign) {
    throw new LoomError(
      'unsupported',
      `The adapter has ${tensors.length} tensors of ${kindNames[kind]}, first ${tensors[0]}.`,
      {
        hint: 'Only plain LoRA, on linear layers and convolutions, is built yet. Take another version of the adapter.',
      },
    )
  }
  return names
}

const kindNames: Record<Exclude<AdapterKind, 'lora'>, string> = {
  tucker: 'LoCon with a Tucker core (lora_mid)',
  loha: 'LoHa',
  lokr: 'LoKr',
  dora: 'DoRA',
  glora: 'GLoRA',
  oft: 'OFT',
  difference: 'full differences (diff, set_weight, norms)',
  bias: 'LoRA biases',
}

/** Sorts tensors into modules by the endings of their names. */
export function sortNames(refs: readonly TensorRef[]): AdapterNames {
  const pieces = new Map<string, Pieces>()
  const foreign = new Map<Exclude<AdapterKind, 'lora'>, string[]>()
  const unknown: string[] = []
  for (const ref of refs) {
    const split = splitEnding(ref.name)
    if (!split) {
      unknown.push(ref.name)
      continue
    }
    const { module, role } = split
    if (role === 'up' || role === 'down' || role === 'alpha') {
      const piece = pieces.get(module) ?? {}
      if (piece[role])
        throw new LoomError('parse', `The adapter's module ${module} has ${role} twice, as ${ref.name} too.`)
      piece[role] = ref
      pieces.set(module, piece)
    } else {
      foreign.set(role, [...(foreign.get(role) ?? []), ref.name])
    }
  }
  return { pieces, foreign, unknown }
}

async function readModule(
  read: TensorReader,
  name: string,
  { up, down, alpha }: Pieces,
  peft: PeftConfigs,
): Promise<AdapterModule> {
  if (!up || !down) {
    throw new LoomError(
      'parse',
      `The adapter's module ${name} has ${up ? 'no down' : down ? 'no up' : 'nothing but alpha'}.`,
      {
        hint: 'The file is incomplete; download it again.',
      },
    )
  }
  const rank = checkRank(name, up, down)
  const scale = alpha ? (await readAlpha(read, alpha)) / rank : peftScale(peft, name, rank)
  if (!Number.isFinite(scale) || scale === 0) {
    throw new LoomError(
      'range',
      `The adapter's module ${name} has the scale ${scale}; it would do nothing or ruin the picture.`,
      {
        hint: 'The file is damaged or was trained wrongly; take another one.',
      },
    )
  }
  return { name, up, down, rank, scale }
}

/** @throws LoomError `mismatch` */
function checkRank(name: string, up: TensorRef, down: TensorRef): number {
  const rank = down.shape[0] ?? 0
  const pointwise = up.shape.length >= 2 && up.shape.slice(2).every((size) => size === 1)
  if (pointwise && down.shape.length >= 2 && up.shape[1] === rank && rank > 0) {
    for (const { dtype } of [up, down]) checkDtype(name, dtype)
    return rank
  }
  const shapes = `up is [${up.shape.join(', ')}], down is [${down.shape.join(', ')}]`
  throw new LoomError('mismatch', `The ranks of the adapter's module ${name} do not fit: ${shapes}.`, {
    hint: 'The file is damaged or mixed from two; take another one.',
  })
}

function checkDtype(name: string, dtype: TensorRef['dtype']): void {
  if (dtype === 'F16' || dtype === 'BF16' || dtype === 'F32') return
  throw new LoomError(
    'unsupported',
    `The adapter's module ${name} is stored as ${dtype}; F16, BF16 and F32 can be read.`,
  )
}

async function readAlpha(read: TensorReader, { name, dtype, shape }: TensorRef): Promise<number> {
  const elements = shape.reduce((product, size) => product * size, 1)
  const alpha = elements === 1 ? decodeScalar(dtype, await read(name)) : undefined
  if (alpha !== undefined && Number.isFinite(alpha) && alpha !== 0) return alpha
  const value = alpha ?? `${dtype} [${shape.join(', ')}]`
  throw new LoomError('range', `The adapter's ${name} is ${value}; it must be a finite number other than 0.`, {
    hint: 'The file is damaged or was trained wrongly; take another one.',
  })
}

/** diffusers keeps PEFT's settings in the file, PEFT itself beside it. */
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
