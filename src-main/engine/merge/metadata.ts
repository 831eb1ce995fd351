import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { cancelled } from '#core/errors.ts'
import { type BaseFamily, baseFamilies } from '#core/families/families.ts'
import type { Prediction, Training } from '#core/families/training.ts'
import type { Step } from '#core/plan/step.ts'
import type { Distilled } from '#core/types/distilled.ts'
import { readExactly, withRegularFile } from '../files/regular-file.ts'
import { distilledKey } from '../models/distillation.ts'
import { fileIdentity } from '../models/file-identity.ts'
import type { RunningStep } from '../runtime/executor.ts'

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** The running step that saves a model. */
interface Saved extends Pick<RunningStep, 'step' | 'signal'> {
  /** Real path of a file in the document. */
  resolve(file: string): Promise<string>
}

/** The steps that made a saved model, as nested data down to the files. */
function recipeOf({ op, attributes, inputs }: Step): Json {
  const made = Object.entries(inputs).map(([name, input]): [string, Json] => [name, recipeOf(input)])
  return { op, ...(attributes as Record<string, Json>), ...Object.fromEntries(made) }
}

/** The files used by a step and its inputs, with their SHA-256. For a folder, a hash of its files' states. */
async function sourcesOf({ step, signal, resolve }: Saved): Promise<Json> {
  const sources: Record<string, Json> = {}
  for (const file of filesBehind(step)) {
    const path = await resolve(file)
    sources[basename(path)] = (await isFolder(path)) ? await fileIdentity(path) : await sha256(path, signal)
  }
  return sources
}

function filesBehind(step: Step): Set<string> {
  const own = 'file' in step.attributes ? [step.attributes.file] : []
  return new Set([...own, ...Object.values(step.inputs).flatMap((input) => [...filesBehind(input)])])
}

const isFolder = async (path: string): Promise<boolean> => (await stat(path)).isDirectory()

/** Bytes that are hashed at a time. */
const pieceBytes = 2 ** 20

function sha256(path: string, signal: AbortSignal): Promise<string> {
  return withRegularFile(path, async (file) => {
    const hash = createHash('sha256')
    const size = Number(file.stats.size)
    for (let at = 0; at < size; at += pieceBytes) {
      if (signal.aborted) throw cancelled()
      hash.update(await readExactly(file, at, Math.min(pieceBytes, size - at)))
    }
    return hash.digest('hex')
  })
}

interface Described {
  readonly title: string
  readonly family: BaseFamily
  /** `lora` for an adapter. */
  readonly kind?: 'lora'
  readonly training: Training
  readonly distilled?: Distilled | undefined
}

/** Names of the prediction types in the model spec. */
const specified: Record<Prediction, string> = { epsilon: 'epsilon', v_prediction: 'v', sample: 'sample' }

/** Metadata of a saved model: Stability's model spec, and how the model was made. */
export async function metadataOf(
  saved: Saved,
  { title, family, kind, training, distilled }: Described,
): Promise<Map<string, string>> {
  return new Map([
    ['modelspec.sai_model_spec', '1.0.0'],
    ['modelspec.title', title],
    ['modelspec.architecture', baseFamilies[family].modelspec + (kind ? `/${kind}` : '')],
    ['modelspec.implementation', 'https://github.com/Stability-AI/generative-models'],
    ['modelspec.prediction_type', specified[training.prediction]],
    ...(distilled ? [[distilledKey, JSON.stringify(distilled)] as const] : []),
    ['latent-loom.recipe', JSON.stringify(recipeOf(saved.step))],
    ['latent-loom.sources', JSON.stringify(await sourcesOf(saved))],
  ])
}
