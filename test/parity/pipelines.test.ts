import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodePrompt, sampleLatent, vaeDecode, vaeEncode } from '#core/plan/composites.ts'
import type { Plan } from '#core/plan/plan.ts'
import { type SchedulerSpec, schedulerDefaults } from '#core/plan/scheduler.ts'
import { goldenCheckpoint, temporaryFolder, writeCheckpoint } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { embeddedModels, PlanRunner } from '../run-plan.ts'

interface Row {
  readonly name: string
  readonly prompt: string
  readonly negative?: string
  readonly steps: number
  readonly guidance: number
  readonly seed: number
  readonly width?: number
  readonly height?: number
  readonly size?: number
  readonly strength?: number
  readonly scheduler: string
  readonly loras?: readonly (readonly [name: string, strength: number])[]
}

interface Case {
  readonly rows: readonly Row[]
  readonly tolerance: number
}

interface SyntheticCase extends Case {
  readonly salt: number
  readonly weights: Readonly<Record<string, readonly number[]>>
  /** What a full LCM has besides. */
  readonly extra_lcm_w: Readonly<Record<string, readonly number[]>>
}

/** By the name that a golden gives its scheduler. */
const schedulers: Readonly<Record<string, SchedulerSpec>> = {
  lcm: schedulerDefaults.lcm,
  LCMScheduler: schedulerDefaults.lcm,
  ddim: schedulerDefaults.ddim,
  DDIMScheduler: schedulerDefaults.ddim,
  DPMSolverMultistepScheduler: schedulerDefaults['dpmpp-2m'],
}

/** LCM as diffusers' Stable Diffusion image-to-image pipeline runs it: the first steps are left out. */
const { lcm } = schedulerDefaults
const skippingLcm: SchedulerSpec = { ...lcm, schedule: { ...lcm.schedule, strengthMode: 'skip' } }

/** The row's graph over a checkpoint. */
function drawing(row: Row, file: string) {
  return (plan: Plan) => {
    const spec = row.name === 'img2img' ? skippingLcm : schedulers[row.scheduler]
    if (!spec) throw new Error(`No scheduler ${row.scheduler}.`)
    let model = plan.step('unet', {}, { file, prediction: 'auto' })
    for (const [name, strength] of row.loras ?? []) {
      model = plan.step('apply-lora', { target: model }, { file: `${name}.safetensors`, strength })
    }
    const clip = plan.step('text-encoder', {}, { file, skip: 1 })
    const vae = plan.step('vae', {}, { file })
    const seed = String(row.seed)
    const { width = row.size ?? 0, height = row.size ?? 0, strength = 1 } = row
    const latent = sampleLatent(
      plan,
      {
        model,
        positive: encodePrompt(plan, clip, { text: row.prompt }),
        negative: encodePrompt(plan, clip, { text: row.negative ?? '' }),
        latent:
          strength < 1
            ? vaeEncode(
                plan,
                { vae, image: plan.step('load-image', {}, { file: row.name }) },
                { posterior: 'sample', seed },
              )
            : plan.step('empty-latent', {}, { width, height, batch: 1 }),
        scheduler: plan.step('scheduler', {}, { spec: { ...spec, steps: row.steps } }),
      },
      { seed, guidance: row.guidance, strength },
    )
    plan.step('save-image', { image: vaeDecode(plan, vae, latent) }, { prefix: row.name })
  }
}

const pipelines = readGolden<SyntheticCase>('pipelines')
const embedded = readGolden<Case>('embedded')

describe('pipelines of diffusers on synthetic weights', () => {
  const { rows, tolerance } = pipelines.json
  let runner: PlanRunner
  beforeAll(() => {
    const folder = temporaryFolder()
    const { weights, extra_lcm_w, salt } = pipelines.json
    renameSync(goldenCheckpoint('pipelines'), join(folder, 'sd1.safetensors'))
    renameSync(writeCheckpoint({ ...weights, ...extra_lcm_w }, salt), join(folder, 'lcm-w.safetensors'))
    const picture = { data: pipelines.floats('img2img/image'), shape: [1, 3, 64, 96] }
    runner = new PlanRunner([folder], new Map([['img2img', picture]]))
  })
  afterAll(() => runner?.close())

  it.each(rows)('$name', async (row) => {
    const file = row.name === 'lcm-w' ? 'lcm-w.safetensors' : 'sd1.safetensors'
    const { images, latents } = await runner.run(drawing(row, file))
    if (pipelines.tensors.has(`${row.name}/latent`)) {
      expect(largestDifference(latents[0]?.data ?? [], pipelines.floats(`${row.name}/latent`))).toBeLessThan(tolerance)
    }
    expect(largestDifference(images[0]?.data ?? [], pipelines.floats(`${row.name}/pt`))).toBeLessThan(tolerance)
  })
})

describe('the embedded model, as diffusers draws it', () => {
  const { rows, tolerance } = embedded.json
  const runner = new PlanRunner([embeddedModels])
  afterAll(() => runner.close())

  it.each(rows)('$name', async (row) => {
    const { images, latents } = await runner.run(drawing(row, 'emoji-tiny.safetensors'))
    compare(latents[0]?.data, embedded.floats(`${row.name}/latent`))
    compare(images[0]?.data, embedded.floats(`${row.name}/pt`))
  })

  /** Single pixels may move with the order of rounding, the picture may not. */
  function compare(actual: ArrayLike<number> = [], expected: Float32Array) {
    const mean =
      expected.reduce((sum, value, i) => sum + Math.abs((actual[i] ?? Number.NaN) - value), 0) / expected.length
    expect(mean).toBeLessThan(tolerance)
    expect(largestDifference(actual, expected)).toBeLessThan(0.05)
  }
})
