import { join } from 'node:path'
import type { TextEncoderConfig, UnetConfig, VaeConfig } from '#engine/models/config.ts'
import { textEncoder as textEncoderKind } from '#engine/models/keys/text-encoder.ts'
import { unet as unetKind } from '#engine/models/keys/unet.ts'
import { vae as vaeKind } from '#engine/models/keys/vae.ts'
import { temporaryFolder } from './golden-networks.ts'
import { type TensorValues, writeTensors } from './tensor-file.ts'
import { goldenTensor } from './weights.ts'

/** An SD1 of one level: everything that happens to a network happens to it, in a tenth of the time. */
const unet: UnetConfig = {
  inChannels: 4,
  outChannels: 4,
  channels: 32,
  levels: [{ channels: 32, heads: 8, down: [1], up: [1, 1] }],
  middle: { residualBlocks: 2, depth: 1 },
  linearProjection: false,
  contextWidth: 64,
}
const textEncoder: TextEncoderConfig = {
  vocabulary: 49408,
  positions: 77,
  width: 64,
  layers: 4,
  heads: 1,
  activation: 'quick_gelu',
  padToken: 49407,
  skip: 1,
  finalNorm: true,
}
const vae: VaeConfig = {
  kind: 'autoencoder-kl',
  latentChannels: 4,
  levels: [32, 32, 32, 32],
  blocks: 1,
  channels: 32,
  scaling: 1,
}

const unetTensors = Array.from(unetKind.tensors(unet))
const vaeTensors = Array.from(vaeKind.tensors(vae))
const textTensors = Array.from(textEncoderKind.tensors(textEncoder))

let written: string | undefined

/**
 * A folder of random models under the names of those that the program brings, for tests of what the engine does rather
 * than of what it draws.
 */
export function smallModels(): string {
  written ??= writeSmallModels(temporaryFolder())
  return written
}

/** Writes them beside what else is in a folder; gives the folder. */
export function writeSmallModels(folder: string): string {
  writeSmallCheckpoint(join(folder, 'emoji-tiny.safetensors'))
  const lcmLora = adapter('lora_unet', unetTensors, 1)
  writeTensors(join(folder, 'emoji-tiny-lcm-lora.safetensors'), lcmLora, 'F16', { 'modelspec.title': 'LCM-LoRA' })
  writeTensors(join(folder, 'emoji-tiny-sketch-lora.safetensors'), [
    ...adapter('lora_unet', unetTensors, 2),
    ...adapter('lora_te', textTensors, 2),
  ])
  return folder
}

/** Writes the checkpoint, of other numbers with another salt; gives its path. */
export function writeSmallCheckpoint(path: string, salt = 0): string {
  return writeTensors(path, smallTensors(salt), 'F16', { 'modelspec.resolution': '96x96' })
}

/** The checkpoint with a first convolution whose results are beyond half precision; what follows takes any size. */
export function writeLoudCheckpoint(path: string): string {
  const tensors = smallTensors().map((each) =>
    each.name.endsWith('input_blocks.0.0.weight')
      ? { ...each, values: each.values.map((value) => value * 60_000) }
      : each,
  )
  return writeTensors(path, tensors, 'F32')
}

/** What the checkpoint holds. */
export function smallTensors(salt = 0): TensorValues[] {
  return [
    ...unetTensors.map(({ ldm, shape }) => tensor(`model.diffusion_model.${ldm}`, shape, salt)),
    ...vaeTensors.map(({ ldm, ldmShape, shape }) => tensor(`first_stage_model.${ldm}`, ldmShape ?? shape, salt)),
    ...textTensors.map(({ name, shape }) => tensor(`cond_stage_model.transformer.${name}`, shape, salt)),
  ]
}

const tensor = (name: string, shape: readonly number[], salt = 0, gain = 1): TensorValues => ({
  name,
  shape,
  values: goldenTensor(name, shape, { salt, gain }),
})

/** A LoRA in kohya's names of all that is multiplied within blocks. */
function adapter(
  prefix: string,
  tensors: readonly { readonly name: string; readonly shape: readonly number[] }[],
  salt: number,
): TensorValues[] {
  const rank = 4
  return tensors.flatMap(({ name, shape: [rows = 0, columns = 0, ...kernel] }) => {
    const module = /^(.*(?:layers|blocks|mid_block)\..*)\.weight$/.exec(name)?.[1]
    if (module === undefined || columns === 0) return []
    const named = `${prefix}_${module.replaceAll('.', '_')}`
    return [
      tensor(`${named}.lora_down.weight`, [rank, columns, ...kernel], salt, 0.5),
      tensor(`${named}.lora_up.weight`, [rows, rank, ...kernel.map(() => 1)], salt, 0.5),
    ]
  })
}
