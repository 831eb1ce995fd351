import { type BaseFamily, baseFamilies, baseFamilyIds } from '#core/families/families.ts'
import type { Naming } from '#core/families/family.ts'
import { type Identity, identify, type ModelKind } from '#core/formats/identify.ts'
import { openTensorFile } from '../files/tensor-file.ts'
import type { PartFile } from './keys/network-kind.ts'
import type { FilesRead } from './model-files.ts'
import { type PartFiles, type PartName, refsOf, uncompiled } from './parts.ts'
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
  const { identity, refs, outside } = unwrapped(refsOf(file).map(uncompiledInside))
  const { parts, rest } = isLone(identity.kind)
    ? { parts: { [partOf(identity.kind, identity.base)]: lonePart(identity.kind, refs) }, rest: outside }
    : splitParts([...refs, ...outside])
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

/** Words that trainers and other programs put before the names of a network or of a whole checkpoint. */
const wrappers = /^(state_dict|model|module|_orig_mod|diffusion_model|unet|vae|text_encoder|model_ema|ema_model|ema)\./

/** At the beginning of a name, the word of a compiled network is one of the wrappers: what has it not is outside. */
const uncompiledInside = (ref: TensorRef): TensorRef => ({
  ...ref,
  name: ref.name.charAt(0) + uncompiled(ref.name.slice(1)),
})

interface Unwrapped {
  readonly identity: Identity
  readonly refs: readonly TensorRef[]
  /** Tensors without the words before the others: counters, schedules. */
  readonly outside: readonly TensorRef[]
}

/** The tensors without words that stand before (nearly) all names, if it is a network or a checkpoint without them. */
function unwrapped(all: readonly TensorRef[]): Unwrapped {
  const identity = identifyRefs(all)
  const asItIs = { identity, refs: all, outside: [] }
  if (identity.kind === 'adapter') return asItIs
  let [refs, outside]: [readonly TensorRef[], readonly TensorRef[]] = [all, []]
  for (;;) {
    if (refs.some(({ name }) => places.some(({ prefix }) => name.startsWith(prefix)))) break
    const byWord = Map.groupBy(refs, ({ name }) => wrappers.exec(name)?.[0])
    const [word, inner = []] = [...byWord].find(([, each]) => each.length > most * refs.length) ?? []
    if (word === undefined) break
    outside = [...outside, ...refs.filter(({ name }) => !name.startsWith(word))]
    refs = inner.map((ref) => ({ ...ref, name: ref.name.slice(word.length) }))
  }
  if (refs === all) return asItIs
  const inside = identifyRefs(refs)
  return isLone(inside.kind) || inside.base ? { identity: inside, refs, outside } : asItIs
}

/** Share of the names that have to begin with the same word. */
const most = 0.9

const identifyRefs = (refs: readonly TensorRef[]): Identity => identify(new Map(refs.map((ref) => [ref.name, ref])))

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
