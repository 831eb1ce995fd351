import { openSafetensors, type SafetensorsFile } from '../files/safetensors-file.ts'
import type { Checkpoint } from './checkpoint.ts'
import { identify, refusal } from './identify.ts'
import {
  about,
  identityOf,
  type PartFiles,
  type PartName,
  partNames,
  readParts,
  readPrediction,
  refsOf,
} from './parts.ts'
import type { TensorRef } from './weights.ts'

/** What stands before the names of each network in a single file. */
const prefixes: Record<PartName, string> = {
  unet: 'model.diffusion_model.',
  textEncoder: 'cond_stage_model.transformer.',
  vae: 'first_stage_model.',
}

/**
 * Opens a checkpoint that is one `.safetensors` file with LDM names. Only its header is read.
 * @throws LoomError what `openSafetensors` throws; `unsupported` or `mismatch`, saying what the file is instead.
 */
export async function openSingleFile(path: string): Promise<Checkpoint> {
  const file = await openSafetensors(path)
  const identity = identify(file.header.tensors)
  if (identity.kind !== 'checkpoint' || identity.hint !== undefined) throw refusal(path, identity)
  try {
    return readSingleFile(file)
  } catch (error) {
    throw about(path, error)
  }
}

function readSingleFile(file: SafetensorsFile): Checkpoint {
  const { parts, rest } = splitParts(refsOf(file))
  const { unused, ...networks } = readParts(parts)
  return {
    family: 'sd1',
    layout: 'single-file',
    path: file.path,
    prediction: readPrediction(namedPrediction(file)),
    ...networks,
    unused: [...unused, ...rest],
    identity: identityOf([file.identity]),
  }
}

function splitParts(refs: readonly TensorRef[]): { parts: PartFiles; rest: TensorRef[] } {
  const maps = { unet: new Map(), textEncoder: new Map(), vae: new Map() } satisfies Record<PartName, unknown>
  const rest: TensorRef[] = []
  for (const ref of refs) {
    const part = partNames.find((name) => ref.name.startsWith(prefixes[name]))
    if (part) maps[part].set(ref.name.slice(prefixes[part].length), ref)
    else rest.push(ref)
  }
  const present = partNames.filter((name) => maps[name].size > 0)
  return { parts: Object.fromEntries(present.map((name) => [name, { naming: 'ldm', tensors: maps[name] }])), rest }
}

/** Stability's model spec, kohya's training record, or the marker tensor of v-prediction fine-tunes. */
function namedPrediction({ header: { metadata, tensors } }: SafetensorsFile): string | undefined {
  const named = metadata.get('modelspec.prediction_type')
  if (named) return named
  return metadata.get('ss_v_parameterization') === 'True' || tensors.has('v_pred') ? 'v_prediction' : undefined
}
