import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodePrompt, sampleLatent, vaeDecode } from '#core/plan/composites.ts'
import { rewritePlan } from '#core/plan/passes/rewrite.ts'
import { planRewrites } from '#core/plan/passes/rewrites.ts'
import type { Plan } from '#core/plan/plan.ts'
import { schedulerDefaults } from '#core/plan/scheduler.ts'
import { goldenCheckpoint, temporaryFolder } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { PlanRunner } from '../run-plan.ts'

interface Row {
  readonly name: string
  readonly prompt: string
  readonly negative: string
  readonly steps: number
  readonly guidance: number
  readonly seed: number
  readonly width: number
  readonly height: number
}

const golden = readGolden<{ readonly rows: readonly Row[]; readonly tolerance: number }>('pipeline-sdxl')
const { rows, tolerance } = golden.json
const file = 'sdxl.safetensors'

interface Changes {
  readonly negative?: 'none' | 'zero'
  /** Sizes as the pipeline is told them, which are those that are told anyway. */
  readonly sized?: true
}

/** The row's graph. */
const drawing =
  (row: Row, { negative, sized }: Changes = {}) =>
  (plan: Plan) => {
    const { width, height, prompt } = row
    const clip = plan.step('text-encoder', {}, { file, skip: 1 })
    const size = { originalHeight: height, originalWidth: width, targetHeight: height, targetWidth: width }
    const encoded = encodePrompt(plan, clip, { text: prompt })
    const positive = sized
      ? plan.step('edit-conditioning', { conditioning: encoded }, { edit: { kind: 'size', size } })
      : encoded
    const compared = encodePrompt(plan, clip, { text: negative === 'zero' ? prompt : row.negative })
    const latent = sampleLatent(
      plan,
      {
        model: plan.step('unet', {}, { file, prediction: 'auto' }),
        positive,
        ...(negative === undefined && { negative: compared }),
        ...(negative === 'zero' && {
          negative: plan.step('edit-conditioning', { conditioning: compared }, { edit: { kind: 'zero' } }),
        }),
        latent: plan.step('empty-latent', {}, { width, height, batch: 1 }),
        scheduler: plan.step('scheduler', {}, { spec: { ...schedulerDefaults.lcm, steps: row.steps } }),
      },
      { seed: String(row.seed), guidance: row.guidance, strength: 1 },
    )
    plan.step(
      'save-image',
      { image: vaeDecode(plan, plan.step('vae', {}, { file, scaling: 'sd1' }), latent) },
      { prefix: row.name },
    )
  }

describe("diffusers' Stable Diffusion XL pipeline on synthetic weights", () => {
  let runner: PlanRunner
  beforeAll(() => {
    const folder = temporaryFolder()
    renameSync(goldenCheckpoint('pipeline-sdxl'), join(folder, file))
    runner = new PlanRunner([folder])
  })
  afterAll(() => runner?.close())
  const optimised = (plan: Plan) =>
    rewritePlan(plan, planRewrites({ takesGuidance: () => false, zeroForNoText: () => true }), { verify: true })
  const imageOf = async (...of: Parameters<typeof drawing>) =>
    (await runner.run(drawing(...of), optimised)).images[0]?.data ?? new Float32Array()

  it.each(rows)('$name', async (row) => {
    const expected = golden.floats(`${row.name}/pt`)
    expect(largestDifference(await imageOf(row), expected)).toBeLessThan(tolerance)
    expect(await imageOf(row, { sized: true })).toEqual(await imageOf(row))
  })

  it('compares with zeros, at the sizes of the positive, where no negative is linked', async () => {
    const row = { ...(rows[1] ?? rows[0]), guidance: 3 } as Row
    expect(await imageOf(row, { negative: 'none' })).toEqual(await imageOf(row, { negative: 'zero' }))
    expect(await imageOf(row, { negative: 'none' })).not.toEqual(await imageOf(row))
    expect(await imageOf(row, { negative: 'none', sized: true })).toEqual(await imageOf(row, { negative: 'none' }))
  })
})
