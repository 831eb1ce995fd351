import type { SchedulerSpec } from './scheduler.ts'
import type { PredictionChoice, Step } from './step.ts'

/**
 * What a node's `lower` may say: it takes symbolic values and returns symbolic values, and never opens a file.
 * Sessions are inserted here, so that a node does not know of them.
 */
export interface PlanBuilder {
  unet(of: { file: string; prediction: PredictionChoice }): Step<'model'>
  textEncoder(of: { file: string; skip: number }): Step<'clip'>
  vae(of: { file: string }): Step<'vae'>
  applyLora<K extends 'model' | 'clip'>(target: Step<K>, lora: { file: string; strength: number }): Step<K>
  encodePrompt(clip: Step<'clip'>, text: string): Step<'conditioning'>
  scheduler(spec: SchedulerSpec): Step<'scheduler'>
  emptyLatent(size: { width: number; height: number; batch: number }): Step<'latent'>
  loadImage(file: string): Step<'image'>
  vaeEncode(
    vae: Step<'vae'>,
    image: Step<'image'>,
    options: { posterior: 'mean' | 'sample'; seed: string },
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
    options: { seed: string; guidance: number; strength: number },
  ): Step<'latent'>
  vaeDecode(vae: Step<'vae'>, latent: Step<'latent'>): Step<'image'>
  /** An effect: it happens on every run. */
  saveImage(image: Step<'image'>, options: { prefix: string }): void
}
