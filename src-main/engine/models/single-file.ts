import { identify, type ModelKind } from '#core/formats/identify.ts'
import type { BaseFamily } from '#core/types/types.ts'
import { openSafetensors, type SafetensorsFile } from '../files/safetensors-file.ts'
import type { Naming, PartFile } from './keys/network-kind.ts'
import type { ModelFiles } from './model-files.ts'
import { type PartFiles, type PartName, refsOf } from './parts.ts'
import type { TensorRef } from './weights.ts'

interface Place {
  readonly part: PartName
  readonly prefix: string
  readonly naming: Naming
  /** The only family that has it there. */
  readonly family?: BaseFamily
}

/** What stands before the names of each network in a whole checkpoint, and whose names they are; SD1.x's, SD2.x's and SDXL's text encoders. */
const places: readonly Place[] = [
  { part: 'unet', prefix: 'model.diffusion_model.', naming: 'ldm' },
  { part: 'textEncoder', prefix: 'cond_stage_model.transformer.', naming: 'diffusers', family: 'sd1' },
  { part: 'textEncoder', prefix: 'cond_stage_model.model.', naming: 'ldm', family: 'sd2' },
  { part: 'textEncoder', prefix: 'conditioner.embedders.0.transformer.', naming: 'diffusers', family: 'sdxl' },
  { part: 'textEncoder2', prefix: 'conditioner.embedders.1.model.', naming: 'ldm', family: 'sdxl' },
  { part: 'vae', prefix: 'first_stage_model.', naming: 'ldm' },
]

/** Where a whole checkpoint of a family has a part, and whose names it has there. */
export function placeOf(part: PartName, family: BaseFamily): Place | undefined {
  return places.find((place) => place.part === part && (place.family ?? family) === family)
}

/** How a network is called in a file of its own. */
export type LoneKind = Extract<ModelKind, 'unet' | 'text-encoder' | 'vae' | 'preview-decoder'>

/** Names that only LDM's or OpenCLIP's form of a network has. */
const ldmNames: Record<LoneKind, RegExp> = {
  unet: /^input_blocks\./,
  'text-encoder': /^transformer\.resblocks\./,
  vae: /^(en|de)coder\.mid\./,
  'preview-decoder': /^\d+\./,
}

/**
 * Reads one `.safetensors` file: a whole checkpoint with LDM's prefixes, or a network alone under either naming. Only its header is read.
 * @throws LoomError what `openSafetensors` throws
 */
export async function readSingleFile(path: string): Promise<ModelFiles> {
  const file = await openSafetensors(path)
  const identity = identify(file.header.tensors)
  const refs = refsOf(file)
  const { parts, rest } = isLone(identity.kind)
    ? { parts: { [partOf(identity.kind, identity.base)]: lonePart(identity.kind, refs) }, rest: [] }
    : splitParts(refs)
  return {
    path: file.path,
    layout: 'single-file',
    identity,
    parts,
    rest,
    metadata: file.header.metadata,
    prediction: namedPrediction(file),
    states: [file.identity],
  }
}

/** Whether a file holds one network under its own names. */
export function isLone(kind: ModelKind): kind is LoneKind {
  return Object.hasOwn(ldmNames, kind)
}

/** Of text encoders alone, OpenCLIP-G is the second of SDXL. */
export function partOf(kind: LoneKind, base: string | undefined): PartName {
  if (kind === 'preview-decoder') return 'vae'
  if (kind !== 'text-encoder') return kind
  return base === 'sdxl' ? 'textEncoder2' : 'textEncoder'
}

/** A network that its tensors are all of. */
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

/** Stability's model spec, kohya's training record, or the marker tensor of v-prediction fine-tunes. */
function namedPrediction({ header: { metadata, tensors } }: SafetensorsFile): string | undefined {
  const named = metadata.get('modelspec.prediction_type')
  if (named) return named
  return metadata.get('ss_v_parameterization') === 'True' || tensors.has('v_pred') ? 'v_prediction' : undefined
}
