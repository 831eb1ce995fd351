import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodePrompt, inpaint, sampleLatent, vaeDecode } from '#core/plan/composites.ts'
import type { Plan } from '#core/plan/plan.ts'
import { type SchedulerSpec, schedulerDefaults } from '#core/plan/scheduler.ts'
import { temporaryFolder, writeCheckpoint } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { PlanRunner } from '../run-plan.ts'

interface Row {
  readonly name: string
  readonly channels: 4 | 9
  readonly scheduler: 'ddim' | 'lcm'
  readonly prompt: string
  readonly negative: string
  readonly steps: number
  readonly strength: number
  readonly guidance: number
  readonly seed: number
}

type Weights = Readonly<Record<string, readonly number[]>>

const schedulers: Record<Row['scheduler'], SchedulerSpec> = {
  ddim: schedulerDefaults.ddim,
  lcm: { ...schedulerDefaults.lcm, schedule: { ...schedulerDefaults.lcm.schedule, strengthMode: 'skip' } },
}

const golden = readGolden<{ rows: readonly Row[]; salt: number; nine_channels: Weights; tolerance: number }>('inpaint')
const { weights } = readGolden<{ weights: Weights }>('pipelines').json

describe("diffusers' inpainting, of UNets with 4 and with 9 channels", () => {
  const { rows, salt, nine_channels, tolerance } = golden.json
  let runner: PlanRunner
  beforeAll(() => {
    const folder = temporaryFolder()
    renameSync(writeCheckpoint(weights, salt), join(folder, '4.safetensors'))
    renameSync(writeCheckpoint({ ...weights, ...nine_channels }, salt), join(folder, '9.safetensors'))
    const picture = { data: golden.floats('image'), shape: [1, 3, 64, 96] }
    const mask = { data: golden.floats('mask'), shape: [1, 1, 64, 96] }
    runner = new PlanRunner(
      [folder],
      new Map([
        ['picture', picture],
        ['mask', repeated(mask)],
      ]),
    )
  })
  afterAll(() => runner?.close())

  it.each(rows)('$name', async ({ name, channels, scheduler, ...row }) => {
    const file = `${channels}.safetensors`
    const { images, latents } = await runner.run((plan: Plan) => {
      const clip = plan.step('text-encoder', {}, { file, skip: 1 })
      const vae = plan.step('vae', {}, { file })
      const mask = plan.step(
        'image-to-mask',
        { image: plan.step('load-image', {}, { file: 'mask' }) },
        { source: { kind: 'channel', channel: 'red' } },
      )
      const latent = sampleLatent(
        plan,
        {
          model: plan.step('unet', {}, { file, prediction: 'auto' }),
          positive: encodePrompt(plan, clip, { text: row.prompt }),
          negative: encodePrompt(plan, clip, { text: row.negative }),
          latent: inpaint(plan, { vae, image: plan.step('load-image', {}, { file: 'picture' }), mask }, 0),
          scheduler: plan.step('scheduler', {}, { spec: { ...schedulers[scheduler], steps: row.steps } }),
        },
        { seed: String(row.seed), guidance: row.guidance, strength: row.strength },
      )
      plan.step('save-image', { image: vaeDecode(plan, vae, latent) }, { prefix: name })
    })
    expect(largestDifference(latents[0]?.data ?? [], golden.floats(`${name}/latent`))).toBeLessThan(tolerance)
    if (!golden.tensors.has(`${name}/pt`)) return
    expect(largestDifference(images[0]?.data ?? [], golden.floats(`${name}/pt`))).toBeLessThan(tolerance)
  })
})

/** A mask as the picture that it is read from: the same in every channel. */
function repeated({ data }: { data: Float32Array }) {
  return { data: Float32Array.from([...data, ...data, ...data]), shape: [1, 3, 64, 96] }
}
