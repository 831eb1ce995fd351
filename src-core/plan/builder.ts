import type { BaseFamily } from '../families/families.ts'
import type { Composition } from './composition.ts'
import type { ConditioningCombination, ConditioningEdit, Emphasis } from './conditioning-edit.ts'
import type { ImageEdit } from './image-edit.ts'
import type { LatentCombination, LatentEdit } from './latent-edit.ts'
import type { MaskCombination, MaskEdit, MaskSource } from './mask-edit.ts'
import type { SchedulerSpec } from './scheduler.ts'
import type { BatchSeeds, NoiseDevice, PredictionChoice, RunPart, SavedDtype, Step, Tiles } from './step.ts'

interface SaveOptions {
  /** How the file's name begins. */
  readonly prefix: string
  readonly dtype: SavedDtype
}

/**
 * What a node's `lower` may say: it takes symbolic values and returns symbolic values, and never opens a file.
 * Sessions are inserted here, so that a node does not know of them.
 */
export interface PlanBuilder {
  unet(of: { file: string; prediction: PredictionChoice }): Step<'model'>
  textEncoder(of: { file: string; file2?: string; skip: number }): Step<'clip'>
  vae(of: { file: string; scaling?: BaseFamily }): Step<'vae'>
  applyLora<K extends 'model' | 'clip'>(target: Step<K>, lora: { file: string; strength: number }): Step<K>
  clipSkip(clip: Step<'clip'>, skip: number): Step<'clip'>
  /** `text2`: what the second text encoder reads, if it is not the same. */
  encodePrompt(
    clip: Step<'clip'>,
    text: string,
    options?: { text2?: string; emphasis?: Emphasis },
  ): Step<'conditioning'>
  editConditioning(conditioning: Step<'conditioning'>, edit: ConditioningEdit): Step<'conditioning'>
  combineConditionings(
    first: Step<'conditioning'>,
    second: Step<'conditioning'>,
    how: ConditioningCombination,
  ): Step<'conditioning'>
  maskConditioning(conditioning: Step<'conditioning'>, mask: Step<'mask'>, strength: number): Step<'conditioning'>
  scheduler(spec: SchedulerSpec): Step<'scheduler'>
  /** The scheduler with a step at each of these timesteps. */
  atTimesteps(scheduler: Step<'scheduler'>, timesteps: readonly number[]): Step<'scheduler'>
  emptyLatent(size: { width: number; height: number; batch: number }): Step<'latent'>
  editLatent(latent: Step<'latent'>, edit: LatentEdit): Step<'latent'>
  combineLatents(first: Step<'latent'>, second: Step<'latent'>, how: LatentCombination): Step<'latent'>
  setNoiseMask(latent: Step<'latent'>, mask: Step<'mask'>): Step<'latent'>
  /** The picture (the mean of its posterior) as a latent of which only the mask, grown by `grow` pixels, is drawn. */
  inpaint(of: { vae: Step<'vae'>; image: Step<'image'>; mask: Step<'mask'> }, grow: number): Step<'latent'>
  loadImage(file: string): Step<'image'>
  loadMask(file: string): Step<'mask'>
  editImage(image: Step<'image'>, edit: ImageEdit): Step<'image'>
  compositeImages(
    of: { background: Step<'image'>; layer: Step<'image'>; mask: Step<'mask'> | undefined },
    how: Composition,
  ): Step<'image'>
  /** One picture of all cells, which come row by row. */
  grid(cells: readonly Step<'image'>[], labels: { columns: readonly string[]; rows: readonly string[] }): Step<'image'>
  batchImages(first: Step<'image'>, second: Step<'image'>): Step<'image'>
  imageToMask(image: Step<'image'>, source: MaskSource): Step<'mask'>
  maskToImage(mask: Step<'mask'>): Step<'image'>
  solidMask(of: { value: number; width: number; height: number }): Step<'mask'>
  editMask(mask: Step<'mask'>, edit: MaskEdit): Step<'mask'>
  combineMasks(first: Step<'mask'>, second: Step<'mask'>, how: MaskCombination): Step<'mask'>
  vaeEncode(
    vae: Step<'vae'>,
    image: Step<'image'>,
    options: { posterior: 'mean' | 'sample'; seed: string },
    tiles?: Tiles,
  ): Step<'latent'>
  sample(
    of: {
      model: Step<'model'>
      positive: Step<'conditioning'>
      /** Absent or unused at guidance 1 and for models with a guidance embedding. */
      negative?: Step<'conditioning'>
      latent: Step<'latent'>
      scheduler: Step<'scheduler'>
    },
    options: {
      seed: string
      guidance: number
      strength: number
      noise?: NoiseDevice
      batchSeeds?: BatchSeeds
      part?: RunPart
    },
  ): Step<'latent'>
  /** @param tiles absent: the picture is decoded whole */
  vaeDecode(vae: Step<'vae'>, latent: Step<'latent'>, tiles?: Tiles): Step<'image'>
  /** `(1 - share) first + share second` */
  merge<K extends 'model' | 'clip'>(first: Step<K>, second: Step<K>, share: number): Step<K>
  /** An effect, as all that saves. */
  saveCheckpoint(parts: { model: Step<'model'>; clip?: Step<'clip'>; vae?: Step<'vae'> }, options: SaveOptions): void
  /** The adapters that are on a model and a text encoder, as one. */
  saveLora(parts: { model: Step<'model'>; clip?: Step<'clip'> }, options: SaveOptions): void
  /** What the model has and the base has not. */
  extractLora(parts: { model: Step<'model'>; base: Step<'model'> }, options: SaveOptions & { rank: number }): void
  /** An effect: it happens on every run. */
  saveImage(image: Step<'image'>, options: { prefix: string }): void
}
