import { type ErrorCode, LoomError } from '#core/errors.ts'
import type { Dtype } from '#core/formats/safetensors.ts'
import { type AdapterReport, inspectAdapter, summarizeAdapter } from '../adapters/inspect.ts'
import { openSafetensors, type SafetensorsFile } from '../files/safetensors-file.ts'
import type { Checkpoint, Prediction } from './checkpoint.ts'
import type { TextEncoderConfig, UnetConfig, VaeConfig } from './config.ts'
import { isFolder, openCheckpoint } from './detect.ts'
import { type FileKind, type Identity, identify } from './identify.ts'
import { type PartName, partNames, refsOf } from './parts.ts'
import type { TensorRef } from './weights.ts'

interface Tally {
  readonly tensors: number
  /** Numbers that the tensors hold. */
  readonly parameters: number
  readonly bytes: number
}

interface PartReport extends Tally {
  readonly name: PartName
  readonly config: UnetConfig | TextEncoderConfig | VaeConfig
}

/** What a model file or folder is, as plain data that survives JSON. */
export interface Inspection extends Tally {
  readonly path: string
  readonly kind: FileKind
  /** What it is, to stand behind "it is". */
  readonly is: string
  readonly family?: string
  readonly layout?: Checkpoint['layout']
  readonly prediction?: Prediction
  readonly title?: string
  readonly metadata: Readonly<Record<string, string>>
  readonly dtypes: readonly (Tally & { readonly dtype: Dtype })[]
  readonly parts: readonly PartReport[]
  /** Tensors that belong to no network, by the first word of their names. */
  readonly unused: readonly (Tally & { readonly group: string })[]
  readonly adapter?: AdapterReport
  /** Why it cannot be used here, if so. */
  readonly problem?: { readonly code: ErrorCode; readonly message: string; readonly hint?: string }
}

/** An inspection without what holds for every file. */
type Details = Partial<Pick<Inspection, 'layout' | 'prediction' | 'parts' | 'unused' | 'adapter' | 'problem'>>

/**
 * Says what a model file or a diffusers folder is. A file of a foreign architecture is no error: `problem` says what stands against it.
 * @param against a checkpoint that an adapter is to be matched with.
 * @throws LoomError if the file cannot be read as safetensors, or the folder or `against` cannot be opened as a checkpoint.
 */
export async function inspectFile(path: string, against?: string): Promise<Inspection> {
  return (await isFolder(path)) ? inspectFolder(path) : inspectSingle(await openSafetensors(path), against)
}

async function inspectFolder(path: string): Promise<Inspection> {
  const checkpoint = await openCheckpoint(path)
  const refs = [...partRefs(checkpoint), ...checkpoint.unused]
  const identity = { kind: 'checkpoint', family: 'SD1.x', is: 'an SD1.x checkpoint in a diffusers folder' } as const
  return report(checkpoint.path, identity, refs, new Map(), checkpointDetails(checkpoint))
}

async function inspectSingle(file: SafetensorsFile, against: string | undefined): Promise<Inspection> {
  const refs = refsOf(file)
  const identity = identify(file.header.tensors)
  return report(file.path, identity, refs, file.header.metadata, await detailsOf(file, identity, refs, against))
}

async function detailsOf(
  file: SafetensorsFile,
  identity: Identity,
  refs: readonly TensorRef[],
  against: string | undefined,
): Promise<Details> {
  const target = against === undefined ? undefined : await openCheckpoint(against)
  try {
    if (identity.kind === 'adapter') return { adapter: await inspectAdapter(file.path, refs, target) }
    return checkpointDetails(await openCheckpoint(file.path))
  } catch (error) {
    if (!(error instanceof LoomError)) throw error
    const { code, message, hint } = error
    const problem = { code, message, ...(hint === undefined ? {} : { hint }) }
    return identity.kind === 'adapter' ? { adapter: summarizeAdapter(refs), problem } : { problem }
  }
}

function checkpointDetails(checkpoint: Checkpoint): Details {
  const groups = Map.groupBy(checkpoint.unused, ({ name }) => /^[^.]*/.exec(name)?.[0] ?? name)
  return {
    layout: checkpoint.layout,
    prediction: checkpoint.prediction,
    parts: partNames.flatMap((name) => {
      const network = checkpoint[name]
      return network ? [{ name, ...tally(network.weights.tensors.values()), config: network.config }] : []
    }),
    unused: Array.from(groups, ([group, refs]) => ({ group, ...tally(refs) })),
  }
}

function partRefs(checkpoint: Checkpoint): TensorRef[] {
  return partNames.flatMap((name) => Array.from(checkpoint[name]?.weights.tensors.values() ?? []))
}

function report(
  path: string,
  { kind, is, family }: Identity,
  refs: readonly TensorRef[],
  metadata: ReadonlyMap<string, string>,
  details: Details,
): Inspection {
  const title = metadata.get('modelspec.title') ?? metadata.get('ss_output_name')
  const dtypes = Map.groupBy(refs, ({ dtype }) => dtype)
  return {
    path,
    kind,
    is,
    ...(family === undefined ? {} : { family }),
    ...(title === undefined ? {} : { title }),
    metadata: Object.fromEntries(metadata),
    ...tally(refs),
    dtypes: Array.from(dtypes, ([dtype, each]) => ({ dtype, ...tally(each) })),
    parts: [],
    unused: [],
    ...details,
  }
}

function tally(refs: Iterable<TensorRef>): Tally {
  let [tensors, parameters, bytes] = [0, 0, 0]
  for (const { shape, byteLength } of refs) {
    tensors++
    parameters += shape.reduce((product, size) => product * size, 1)
    bytes += byteLength
  }
  return { tensors, parameters, bytes }
}
