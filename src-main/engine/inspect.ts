import { type ErrorCode, LoomError } from '#core/errors.ts'
import type { Variant } from '#core/families/families.ts'
import type { Training } from '#core/families/training.ts'
import type { ModelKind } from '#core/formats/identify.ts'
import type { Dtype } from '#core/formats/safetensors.ts'
import { prefixNotice } from '#core/formats/tensor-names.ts'
import type { DetectedDistillation } from '#core/types/distilled.ts'
import { type AdapterReport, inspectAdapter, summarizeAdapter } from './adapters/inspect.ts'
import { sortNames } from './adapters/names.ts'
import type { Checkpoint } from './models/checkpoint.ts'
import { isInpainting, type TextEncoderConfig, type UnetConfig, type VaeConfig } from './models/config.ts'
import { anyOf, readModelFiles } from './models/detect.ts'
import { detectDistillation } from './models/distillation.ts'
import type { ModelFiles } from './models/model-files.ts'
import { type PartName, partNames } from './models/parts.ts'
import { foreignTraining } from './models/refusal.ts'
import type { TensorRef } from './models/weights.ts'
import { type EmbeddingReport, inspectEmbedding } from './text/embeddings.ts'

interface Tally {
  readonly tensors: number
  /** Number of elements in the tensors. */
  readonly parameters: number
  readonly bytes: number
}

interface PartReport extends Tally {
  readonly name: PartName
  readonly config: UnetConfig | TextEncoderConfig | VaeConfig
}

/** Description of a model file or folder, as plain JSON data. */
export interface Inspection extends Tally {
  readonly path: string
  readonly kind: ModelKind
  /** Description that completes "it is". */
  readonly is: string
  readonly family?: string
  readonly variant?: Variant
  readonly layout: Checkpoint['layout']
  readonly prediction?: Training['prediction']
  /** Trained to begin with noise alone. */
  readonly zeroSnr?: true
  /** Betas that are not those of its family. */
  readonly betas?: Training['betas']
  /** The schedule that it asks for. */
  readonly schedule?: Training['schedule']
  /** What is not certain about its training. */
  readonly unsure?: string
  /** A full latent consistency model. */
  readonly guidanceEmbedding?: boolean
  /** Its UNet takes a mask and the masked picture. */
  readonly inpainting?: boolean
  readonly title?: string
  readonly metadata: Readonly<Record<string, string>>
  readonly dtypes: readonly (Tally & { readonly dtype: Dtype })[]
  readonly parts: readonly PartReport[]
  /** Tensors outside all networks, grouped by the first word of their names. */
  readonly unused: readonly (Tally & { readonly group: string })[]
  /** The method that distilled it, with what shows it. */
  readonly distillation?: DetectedDistillation
  readonly adapter?: AdapterReport
  readonly embedding?: EmbeddingReport
  /** What was left out or guessed to read it, as a sentence. */
  readonly notice?: string
  /** The reason why it cannot be used, if any. */
  readonly problem?: { readonly code: ErrorCode; readonly message: string; readonly hint?: string }
}

/** The fields of an inspection that only some files have. */
type Details = Partial<
  Pick<
    Inspection,
    | keyof Training
    | 'unsure'
    | 'guidanceEmbedding'
    | 'inpainting'
    | 'parts'
    | 'unused'
    | 'distillation'
    | 'adapter'
    | 'embedding'
    | 'problem'
  >
>

/**
 * Describes a model file or a diffusers folder. An unsupported architecture is no error; `problem` explains it.
 * @param against a checkpoint, or a separate network, to match an adapter with
 * @throws LoomError if the file is not safetensors, the folder is not in diffusers format, or `against` is not a model
 */
export async function inspectFile(path: string, against?: string): Promise<Inspection> {
  const files = await readModelFiles(path)
  const refs = [...Object.values(files.parts).flatMap(({ tensors }) => [...tensors.values()]), ...files.rest]
  return report(files, refs, await detailsOf(files, refs, against))
}

async function detailsOf(files: ModelFiles, refs: readonly TensorRef[], against: string | undefined): Promise<Details> {
  const target = against === undefined ? undefined : anyOf(await readModelFiles(against))
  const { kind } = files.identity
  try {
    if (kind === 'adapter') {
      const adapter = await inspectAdapter(files.path, refs, target)
      return { ...distillationOf(files, { modules: [...sortNames(refs).pieces.keys()] }), adapter }
    }
    if (kind === 'embedding') return { embedding: await inspectEmbedding(files.path) }
    const checkpoint = anyOf(files)
    const details = checkpointDetails(checkpoint)
    return checkpoint.unet ? { ...distillationOf(files, details), ...details } : details
  } catch (error) {
    if (!(error instanceof LoomError)) throw error
    const problem = asProblem(error)
    return kind === 'adapter' ? { adapter: summarizeAdapter(refs), problem } : { problem }
  }
}

function distillationOf(
  { path, metadata }: ModelFiles,
  shown: Pick<Parameters<typeof detectDistillation>[0], 'modules' | 'guidanceEmbedding'>,
): Details {
  const distillation = detectDistillation({ paths: [path], metadata, ...shown })
  return distillation ? { distillation } : {}
}

function asProblem({ code, message, hint }: LoomError): NonNullable<Inspection['problem']> {
  return { code, message, ...(hint === undefined ? {} : { hint }) }
}

function checkpointDetails(checkpoint: Checkpoint): Details {
  const groups = Map.groupBy(checkpoint.unused, ({ name }) => /^[^.]*/.exec(name)?.[0] ?? name)
  const { unet, told, path } = checkpoint
  return {
    ...(unet && {
      ...(told.foreign === undefined ? told.training : { problem: asProblem(foreignTraining(path, told.foreign)) }),
      ...(told.unsure !== undefined && { unsure: told.unsure }),
      guidanceEmbedding: unet.config.guidanceWidth !== undefined,
      inpainting: isInpainting(unet.config),
    }),
    parts: partNames.flatMap((name) => {
      const network = checkpoint[name]
      return network ? [{ name, ...tally(network.weights.tensors.values()), config: network.config }] : []
    }),
    unused: Array.from(groups, ([group, refs]) => ({ group, ...tally(refs) })),
  }
}

function report(files: ModelFiles, refs: readonly TensorRef[], details: Details): Inspection {
  const { path, metadata, layout, identity } = files
  const { kind, is, family, variant } = identity
  const notice = prefixNotice(identity.kind === 'adapter' ? sortNames(refs).prefix : identity.prefix)
  const title = metadata.get('modelspec.title') ?? metadata.get('ss_output_name')
  const dtypes = Map.groupBy(refs, ({ dtype }) => dtype)
  return {
    path,
    kind,
    is,
    ...(family === undefined ? {} : { family }),
    ...(variant === undefined ? {} : { variant }),
    layout,
    ...(title === undefined ? {} : { title }),
    metadata: Object.fromEntries(metadata),
    ...tally(refs),
    dtypes: Array.from(dtypes, ([dtype, each]) => ({ dtype, ...tally(each) })),
    ...(notice !== undefined && { notice }),
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
