import { type BaseFamily, baseFamilies, baseFamilyIds } from '#core/families/families.ts'
import type { Naming } from '#core/families/family.ts'
import { type Identity, identify, type ModelKind } from '#core/formats/identify.ts'
import { uncompiledInside } from '#core/formats/tensor-names.ts'
import { openTensorFile } from '../files/tensor-file.ts'
import type { PartFile } from './keys/network-kind.ts'
import type { FilesRead } from './model-files.ts'
import { type PartFiles, type PartName, refsOf } from './parts.ts'
import { saidByFile } from './said.ts'
import type { TensorRef } from './weights.ts'

interface Place {
  readonly part: PartName
  readonly prefix: string
  readonly naming: Naming
  /** The family, if only one uses this prefix. */
  readonly family?: BaseFamily
}

const towers = ['textEncoder', 'textEncoder2'] as const

/** Prefix and naming of each network in a checkpoint. */
const places: readonly Place[] = [
  { part: 'unet', prefix: 'model.diffusion_model.', naming: 'ldm' },
  ...baseFamilyIds.flatMap((family) =>
    towers.flatMap((part): Place[] => {
      const tower = baseFamilies[family][part]
      return tower ? [{ part, ...tower.place, family }] : []
    }),
  ),
  { part: 'vae', prefix: 'first_stage_model.', naming: 'ldm' },
]

/** Prefix and naming of a part in a family's checkpoints. */
export function placeOf(part: PartName, family: BaseFamily): Place | undefined {
  return places.find((place) => place.part === part && (place.family ?? family) === family)
}

/** Kinds of files with a single network. */
export type LoneKind = Extract<ModelKind, 'unet' | 'text-encoder' | 'vae' | 'preview-decoder'>

/** Names that occur only in the LDM or OpenCLIP form of a network. */
const ldmNames: Record<LoneKind, RegExp> = {
  unet: /^input_blocks\./,
  'text-encoder': /^transformer\.resblocks\./,
  vae: /^(en|de)coder\.mid\./,
  'preview-decoder': /^\d+\./,
}

/**
 * Reads the header of a `.safetensors` file: a checkpoint with LDM's prefixes, or a single network in either naming.
 * @throws LoomError as `openTensorFile`
 */
export async function readSingleFile(path: string): Promise<FilesRead> {
  const file = await openTensorFile(path)
  const identity = identify(file.header.tensors)
  const { prefix = '' } = identity
  const all = refsOf(file).map((ref) => ({ ...ref, name: uncompiledInside(ref.name) }))
  const refs = all.flatMap((ref) =>
    ref.name.startsWith(prefix) ? [{ ...ref, name: ref.name.slice(prefix.length) }] : [],
  )
  // counters, schedules
  const outside = all.filter(({ name }) => !name.startsWith(prefix))
  const { parts, rest } = partsOf(identity, refs, outside)
  return {
    path: file.path,
    layout: 'single-file',
    identity,
    parts,
    rest,
    metadata: file.header.metadata,
    said: saidByFile(new Set([...refs, ...outside].map(({ name }) => name)), file.header.metadata),
    states: [file.identity],
  }
}

/** Whether a file holds a single network. */
export function isLone(kind: ModelKind): kind is LoneKind {
  return Object.hasOwn(ldmNames, kind)
}

/** The part in the file of a single network. Only the second of two text encoders identifies its family. */
export function partOf(kind: LoneKind, base: BaseFamily | undefined): PartName {
  if (kind === 'preview-decoder') return 'vae'
  if (kind !== 'text-encoder') return kind
  return base !== undefined && baseFamilies[base].textEncoder2 ? 'textEncoder2' : 'textEncoder'
}

/** A network from all tensors of a file. */
export function lonePart(kind: LoneKind, refs: readonly TensorRef[]): PartFile {
  const naming = refs.some(({ name }) => ldmNames[kind].test(name)) ? 'ldm' : 'diffusers'
  return { naming, tensors: new Map(refs.map((ref) => [ref.name, ref])) }
}

function partsOf(
  { kind, base }: Identity,
  refs: readonly TensorRef[],
  outside: readonly TensorRef[],
): Pick<FilesRead, 'parts' | 'rest'> {
  if (isLone(kind)) return { parts: { [partOf(kind, base)]: lonePart(kind, refs) }, rest: outside }
  return kind === 'checkpoint' ? splitParts([...refs, ...outside]) : { parts: {}, rest: [...refs, ...outside] }
}

function splitParts(refs: readonly TensorRef[]): { parts: PartFiles; rest: TensorRef[] } {
  const found: { [Name in PartName]?: { naming: Naming; tensors: Map<string, TensorRef> } } = {}
  const rest: TensorRef[] = []
  for (const ref of refs) {
    const place = places.find(({ prefix }) => ref.name.startsWith(prefix))
    if (!place) {
      rest.push(ref)
      continue
    }
    const { part, prefix, naming } = place
    found[part] ??= { naming, tensors: new Map() }
    found[part].tensors.set(ref.name.slice(prefix.length), ref)
  }
  return { parts: found, rest }
}
