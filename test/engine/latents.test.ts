import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { encodePrompt, sampleLatent, show } from '#core/plan/composites.ts'
import type { StepAttributes } from '#core/plan/ops.ts'
import type { Plan } from '#core/plan/plan.ts'
import { type Convention, type SchedulerSpec, schedulerDefaults } from '#core/plan/scheduler.ts'
import type { Step } from '#core/plan/step.ts'
import { EngineRunner, pixelsOf, template } from '../engine-runner.ts'
import { temporaryFolder, writeCheckpoint } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { PlanRunner } from '../run-plan.ts'
import { smallModels } from '../small-models.ts'

type Weights = Readonly<Record<string, readonly number[]>>

const folder = temporaryFolder()
const { weights } = readGolden<{ weights: Weights }>('pipelines').json
const { nine_channels, salt } = readGolden<{ nine_channels: Weights; salt: number }>('inpaint').json
renameSync(writeCheckpoint(weights, salt), join(folder, '4.safetensors'))
renameSync(writeCheckpoint({ ...weights, ...nine_channels }, salt), join(folder, '9.safetensors'))
/** White in its right half. */
const right = {
  data: Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => (i % 32 < 16 ? 0 : 1)),
  shape: [1, 3, 32, 32],
}
const runner = new PlanRunner([folder], new Map([['right', right]]))
afterAll(() => runner.close())

/** Two steps of LCM, which draw noise twice. */
function draw(plan: Plan, latent: Step<'latent'>, { file = '4.safetensors', strength = 1 } = {}): Step<'latent'> {
  const clip = plan.step('text-encoder', {}, { file, skip: 1 })
  return sampleLatent(
    plan,
    {
      model: plan.step('unet', {}, { file, prediction: 'auto' }),
      positive: encodePrompt(plan, clip, { text: 'a fox' }),
      latent,
      scheduler: plan.step('scheduler', {}, { spec: { ...schedulerDefaults.lcm, steps: 2 } }),
    },
    { seed: '5', guidance: 1, strength },
  )
}

/** A sampling of the small UNet. */
function sampled(
  plan: Plan,
  latent: Step<'latent'>,
  spec: SchedulerSpec,
  { positive, ...options }: Partial<StepAttributes['sample']> & { positive?: Step<'conditioning'> } = {},
): Step<'latent'> {
  const file = '4.safetensors'
  return sampleLatent(
    plan,
    {
      model: plan.step('unet', {}, { file, prediction: 'auto' }),
      positive: positive ?? encodePrompt(plan, plan.step('text-encoder', {}, { file, skip: 1 }), { text: 'a fox' }),
      latent,
      scheduler: plan.step('scheduler', {}, { spec }),
    },
    { seed: '8', guidance: 1, strength: 1, ...options },
  )
}

/** What the samplers gave of the latents that a plan is asked for. */
async function drawn(build: (plan: Plan) => Step<'latent'>): Promise<readonly Float32Array[]> {
  const { latents } = await runner.run((plan) => show(plan, build(plan), { prefix: 'unused' }))
  return latents.map(({ data }) => data)
}

const small = { width: 32, height: 32, batch: 1 }
const pick = (index: number, count = 1) => ({ kind: 'pick', index, count }) as const

describe('a picture of a batch', () => {
  it('is drawn alone as it was among the others, and as a repeated one', async () => {
    const [batch = new Float32Array()] = await drawn((plan) =>
      draw(plan, plan.step('empty-latent', {}, { ...small, batch: 3 })),
    )
    const third = batch.subarray((batch.length / 3) * 2)
    const [alone = []] = await drawn((plan) =>
      draw(
        plan,
        plan.step('edit-latent', { latent: plan.step('empty-latent', {}, { ...small, batch: 3 }) }, { edit: pick(2) }),
      ),
    )
    const [repeated = []] = await drawn((plan) =>
      draw(
        plan,
        plan.step(
          'edit-latent',
          {
            latent: plan.step(
              'edit-latent',
              { latent: plan.step('empty-latent', {}, small) },
              { edit: { kind: 'repeat', count: 3 } },
            ),
          },
          { edit: pick(2) },
        ),
      ),
    )
    expect(largestDifference(alone, third)).toBeLessThan(1e-3)
    expect(repeated).toEqual(alone)
  })
})

describe('a noise mask', () => {
  it.each(['4', '9'])('keeps what it does not cover, with a UNet of %s channels', async (channels) => {
    const file = `${channels}.safetensors`
    const [first = new Float32Array(), second = new Float32Array()] = await drawn((plan) => {
      const mask = plan.step(
        'image-to-mask',
        { image: plan.step('load-image', {}, { file: 'right' }) },
        { source: { kind: 'channel', channel: 'red' } },
      )
      const before = draw(plan, plan.step('empty-latent', {}, small), { file })
      return draw(plan, plan.step('set-noise-mask', { latent: before, mask }, {}), { file, strength: 0.6 })
    })
    const kept = [...second].map((value, i) => value === first[i])
    expect(kept).toEqual(kept.map((_, i) => i % 4 < 2))
  })
})

describe('a noise mask in a run of two parts', () => {
  const convention = (name: Convention) => ({ ...schedulerDefaults.euler, steps: 6, convention: name })
  const held = (plan: Plan, seed: string) =>
    plan.step(
      'set-noise-mask',
      {
        latent: sampled(plan, plan.step('empty-latent', {}, small), schedulerDefaults.lcm, { seed }),
        mask: plan.step(
          'image-to-mask',
          { image: plan.step('load-image', {}, { file: 'right' }) },
          { source: { kind: 'channel', channel: 'red' } },
        ),
      },
      {},
    )
  const masked = (plan: Plan) => held(plan, '76')
  const part = (start: number, end: number, keepsNoise: boolean) => ({ part: { start, end, keepsNoise } })

  /** What the last sampler gave; steps that are kept from a run before give nothing. */
  const last = async (build: (plan: Plan) => Step<'latent'>) => (await drawn(build)).at(-1) ?? new Float32Array()

  it.each(['diffusers', 'comfy'] as const)('keeps in %s what a run in one keeps, and draws the same', async (name) => {
    const spec = convention(name)
    const whole = await last((plan) => sampled(plan, masked(plan), spec))
    const half = await last((plan) => sampled(plan, masked(plan), spec, part(0, 3, true)))
    const parts = await last((plan) => {
      const first = sampled(plan, masked(plan), spec, part(0, 3, true))
      return sampled(plan, first, spec, { ...part(3, 1000, false), noise: 'none' })
    })
    expect(whole).toHaveLength(64)
    expect(largestDifference(half, whole)).toBeGreaterThan(0.1)
    expect(largestDifference(parts, whole)).toBeLessThan(1e-4)
  })

  it('shows in ComfyUI what is kept with noise of its own where DDIM draws, which is Euler there', async () => {
    const spec = convention('comfy')
    const ddim = { ...schedulerDefaults.ddim, steps: 6, convention: 'comfy', schedule: spec.schedule } as const
    const plain = (of: SchedulerSpec) =>
      last((plan) => sampled(plan, plan.step('empty-latent', {}, small), of, { seed: '79' }))
    const around = (of: SchedulerSpec) => last((plan) => sampled(plan, masked(plan), of, { seed: '79' }))
    expect(largestDifference(await plain(ddim), await plain(spec))).toBeLessThan(1e-5)
    const [one, other] = [await around(ddim), await around(spec)]
    expect([...one].map((value, i) => value === other[i])).toEqual([...one].map((_, i) => i % 4 < 2))
  })

  const fresh = new PlanRunner([folder])
  afterAll(() => fresh.close())

  it('begins later with the noise of that step on what is there', async () => {
    const spec = convention('diffusers')
    const { latents } = await fresh.run((plan) =>
      show(plan, sampled(plan, plan.step('empty-latent', {}, small), schedulerDefaults.lcm, { seed: '76' }), {
        prefix: 'unused',
      }),
    )
    const before = latents[0]?.data ?? []
    const distance = async (some?: Partial<StepAttributes['sample']>) => {
      const after = await last((plan) => sampled(plan, masked(plan), spec, { seed: '78', ...some }))
      return largestDifference(after, before)
    }
    expect(await distance(part(5, 1000, false))).toBeLessThan(await distance())
  })
})

describe('a run again', () => {
  it('draws anew only what a change of seed, prompt, mask or area leads to', async () => {
    const area = { x: 0, y: 0, width: 0.5, height: 1 }
    const again = (change: { seed?: string; prompt?: string; mask?: boolean; width?: number } = {}) =>
      runner.run((plan) => {
        const { seed = '5', prompt = 'snow', mask = false, width = 0.5 } = change
        const clip = plan.step('text-encoder', {}, { file: '4.safetensors', skip: 1 })
        const placed = plan.step(
          'edit-conditioning',
          { conditioning: encodePrompt(plan, clip, { text: prompt }) },
          {
            edit: {
              kind: 'area',
              area: { ...area, width },
              strength: 1,
            },
          },
        )
        const held = plan.step(
          'image-to-mask',
          { image: plan.step('load-image', {}, { file: 'right' }) },
          { source: { kind: 'channel', channel: mask ? 'blue' : 'red' } },
        )
        const latent = plan.step(
          'set-noise-mask',
          { latent: plan.step('empty-latent', {}, { ...small, batch: 2 }), mask: held },
          {},
        )
        show(
          plan,
          sampled(plan, latent, schedulerDefaults.lcm, {
            seed,
            positive: plan.step(
              'combine-conditionings',
              { first: encodePrompt(plan, clip, { text: 'a fox' }), second: placed },
              { how: { kind: 'combine' } },
            ),
          }),
          { prefix: 'unused' },
        )
      })
    const ran = async (change: Parameters<typeof again>[0]) => {
      const { steps, reused, sessions } = await again(change)
      return [steps - reused, sessions]
    }
    await again()
    // what is shown happens each time
    expect(await ran({})).toEqual([1, 0])
    expect(await ran({ seed: '6' })).toEqual([2, 0])
    expect(await ran({ width: 0.25 })).toEqual([4, 0])
    expect(await ran({ prompt: 'rain' })).toEqual([5, 0])
    expect(await ran({ mask: true })).toEqual([4, 0])
  })
})

describe('a UNet of 9 channels', () => {
  it('draws from an empty latent, as if all were to be filled', async () => {
    const [latent = new Float32Array()] = await drawn((plan) =>
      draw(plan, plan.step('empty-latent', {}, { width: 40, height: 32, batch: 1 }), { file: '9.safetensors' }),
    )
    expect(latent).toHaveLength(4 * 4 * 5)
    expect(new Set(latent).size).toBe(latent.length)
  })
})

describe('the templates', () => {
  const engine = new EngineRunner(smallModels())
  const templates = fileURLToPath(new URL('../../resources/templates', import.meta.url))
  afterAll(() => engine.close())

  it('inpaint keeps every pixel that is not masked, and draws the others', async () => {
    const run = await engine.run(template('inpaint'), { folder: templates })
    const [pixels = Buffer.alloc(0)] = await pixelsOf(run)
    const before = await sharp(join(templates, 'fox.png')).raw().toBuffer()
    const mask = await sharp(join(templates, 'fox-mask.png')).extractChannel(0).raw().toBuffer()
    const changed = Array.from(mask, (_, i) => [0, 1, 2].some((c) => pixels[3 * i + c] !== before[3 * i + c]))
    expect(changed.filter((_, i) => mask[i] === 0)).not.toContain(true)
    expect(changed.filter((is, i) => is && mask[i] === 255).length).toBeGreaterThan(3000)
  })

  it('high-resolution-fix draws twice and gives the larger picture', async () => {
    const { images, events } = await engine.run(template('high-resolution-fix'))
    expect(images).toMatchObject([{ width: 128, height: 128 }])
    expect(events.filter((event) => event.type === 'phase' && event.phase === 'sample')).toHaveLength(2)
  })
})
