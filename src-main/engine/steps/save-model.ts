import { stat } from 'node:fs/promises'
import { LoomError } from '#core/errors.ts'
import { predictions } from '#core/families/training.ts'
import { outputName } from '#core/formats/output-name.ts'
import type { StepAttributes } from '#core/plan/ops.ts'
import { writeNumberedFile } from '../files/numbered-file.ts'
import { safetensorsContent, type TensorSource } from '../files/write-safetensors.ts'
import { blend } from '../merge/blend.ts'
import { extracted } from '../merge/extract.ts'
import { type Networks, singleFileLayout } from '../merge/layout.ts'
import { type LoraModule, loraTensors } from '../merge/lora-module.ts'
import { loraSum } from '../merge/lora-sum.ts'
import { metadataOf } from '../merge/metadata.ts'
import { tensorSource } from '../merge/tensor-data.ts'
import type { Network } from '../models/checkpoint.ts'
import { interruption } from '../runtime/interruption.ts'
import type { ClipValue, ModelValue } from '../runtime/values.ts'
import type { StepContext, StepRule } from './context.ts'

/** A merged network has changed weights, like a network with adapters. */
export const merge: StepRule<'merge'> = {
  async run(_context, { target, other }, { share }) {
    if (target.kind === 'model' && other.kind === 'model') return mergedModel(target, other, share)
    if (target.kind === 'clip' && other.kind === 'clip') return mergedClip(target, other, share)
    throw new LoomError('internal', `A ${target.kind} was to be merged with a ${other.kind}.`)
  },
}

function mergedModel(target: ModelValue, other: ModelValue, share: number): ModelValue {
  const [one, two] = [target.training.prediction, other.training.prediction]
  if (one !== two) {
    const said = `One model predicts ${predictions[one]}, the other ${predictions[two]}`
    throw new LoomError('mismatch', `${said}: their mean predicts neither.`, { hint: 'Merge models of one kind.' })
  }
  return { ...target, network: merged(target.network, other.network, share) }
}

function mergedClip(target: ClipValue, other: ClipValue, share: number): ClipValue {
  const tower = (name: 'textEncoder' | 'textEncoder2') => {
    const [one, two] = [target[name], other[name]]
    return one && two ? { [name]: merged(one, two, share) } : {}
  }
  return { ...target, ...tower('textEncoder'), ...tower('textEncoder2') }
}

function merged<Config>(target: Network<Config>, other: Network<Config>, share: number): Network<Config> {
  return { config: target.config, weights: blend(target.weights, other.weights, share) }
}

/** Writes a model, with text encoder and VAE if given, as one file. Applies adapters and merges weight by weight. */
export const saveCheckpoint: StepRule<'save-checkpoint'> = {
  async run(context, { model, clip, vae }, { prefix, dtype, distilled }) {
    const { family } = model.checkpoint
    const networks = { ...networksOf(model, clip), ...(vae && { vae: vae.network }) }
    const tensors = singleFileLayout(networks, family).map((tensor) => tensorSource(tensor, dtype))
    await saveModel(context, prefix, [...tensors, ...markersOf(model)], {
      title: prefix,
      family,
      training: model.training,
      distilled,
    })
  },
}

/**
 * Empty tensors that say v-prediction and zero terminal SNR, as other programs write and read them.
 * @throws LoomError `unsupported` for betas that a single file cannot state
 */
function markersOf({ training: { prediction, zeroSnr, betas }, checkpoint }: ModelValue): TensorSource[] {
  if (betas) {
    const message = `${checkpoint.path} has betas of its own, and a single file has no place for them.`
    throw new LoomError('unsupported', message, { hint: 'Save its adapters with Save LoRA instead.' })
  }
  const names = prediction === 'v_prediction' ? ['v_pred', ...(zeroSnr ? ['ztsnr'] : [])] : []
  return names.map((name) => ({ name, dtype: 'F32', shape: [0], data: new Uint8Array() }))
}

/** Writes the sum of the adapters on a model and its text encoder as one LoRA. */
export const saveLora: StepRule<'save-lora'> = {
  async run(context, { model, clip }, attributes) {
    const { family } = model.checkpoint
    const modules = loraSum(networksOf(model, clip), family)
    await saveModules(context, modules, model, attributes)
  },
}

/** Writes the difference between a model and its base as a LoRA. */
export const extractLora: StepRule<'extract-lora'> = {
  async run(context, { model, base }, attributes) {
    const { family } = model.checkpoint
    const modules = extracted(model.network.weights, base.network.weights, family, attributes.rank)
    if (modules.length === 0) {
      throw new LoomError('mismatch', 'The model and its base are the same: there is nothing to extract.', {
        hint: 'Link the model that was trained, and the one that it was trained from.',
      })
    }
    await saveModules(context, modules, model, attributes)
  },
}

/** Writes modules as a LoRA for a model. */
async function saveModules(
  context: StepContext,
  modules: readonly LoraModule[],
  { checkpoint: { family }, training }: ModelValue,
  { prefix, dtype, distilled }: StepAttributes['save-lora'],
): Promise<void> {
  const tensors = modules.flatMap((module) => loraTensors(module, dtype))
  await saveModel(context, prefix, tensors, { title: prefix, family, kind: 'lora', training, distilled })
}

function networksOf({ network }: ModelValue, clip: ClipValue | undefined): Networks {
  return {
    unet: network,
    ...(clip?.textEncoder && { textEncoder: clip.textEncoder }),
    ...(clip?.textEncoder2 && { textEncoder2: clip.textEncoder2 }),
  }
}

/**
 * Writes tensors one by one as the next file of a series, and emits its path.
 * @throws LoomError `cancelled` between two tensors; `io` if the drive is full or a source changed. No partial file
 *   remains.
 */
async function saveModel(
  context: StepContext,
  prefix: string,
  tensors: readonly TensorSource[],
  described: Parameters<typeof metadataOf>[1],
): Promise<void> {
  context.emit({ type: 'phase', phase: 'save', label: context.modelFolder })
  const metadata = await metadataOf(context, described)
  const content = safetensorsContent(followed(context, tensors), metadata)
  const name = outputName(prefix, { when: new Date() })
  const path = await writeNumberedFile(context.modelFolder, name, 'safetensors', async (handle) => {
    await content(handle)
    await context.refuseChanges()
  })
  context.emit({ type: 'file', path, bytes: (await stat(path)).size })
}

/** Number of progress steps per file. */
const steps = 20

/** Wraps tensors to report progress and to stop on cancellation. */
function followed(context: StepContext, tensors: readonly TensorSource[]): TensorSource[] {
  let written = 0
  let told = 0
  return tensors.map((tensor) => ({
    ...tensor,
    async *data() {
      await interruption(context.signal)
      yield* tensor.data instanceof Uint8Array ? [tensor.data] : tensor.data()
      written++
      const step = Math.floor((steps * written) / tensors.length)
      if (step > told) context.emit({ type: 'step', step, steps })
      told = step
    },
  }))
}
