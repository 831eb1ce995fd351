import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Schedule, type SchedulerSpec, schedulerDefaults } from '#core/plan/scheduler.ts'
import type { Latent, SessionValue } from '#engine/runtime/values.ts'
import { TorchGenerator } from '#engine/sampling/noise.ts'
import { stepRules } from '#engine/steps/rules.ts'
import { type FloatTensor, zeros } from '#engine/tensor/float-tensor.ts'
import { EngineRunner, embeddedModels, pixelsOf, template } from '../engine-runner.ts'
import { largestDifference } from '../goldens.ts'
import { smallModels } from '../small-models.ts'
import { stepContext, textSession, unetSession } from '../step-context.ts'

describe('pictures', () => {
  const runner = new EngineRunner(smallModels())
  afterAll(() => runner.close())
  const lora = template('lcm-lora')
  const set = { steps: '2', 'latent.width': '64', 'latent.height': '64' }
  const draw = async (more: Readonly<Record<string, string>> = {}, seed = '42') =>
    pixelsOf(await runner.run(lora, { set: { ...set, ...more }, seed }))

  test('are equal for equal seeds, in a new engine too, and differ for others', async () => {
    const fresh = new EngineRunner(smallModels())
    const again = await pixelsOf(await fresh.run(lora, { set, seed: '42' }))
    await fresh.close()
    expect(await draw()).toEqual(again)
    expect(await draw({}, '43')).not.toEqual(again)
  })

  test('depend on the low 32 bits of the seed, as torch draws', async () => {
    expect(await draw({}, String(2n ** 32n + 42n))).toEqual(await draw())
    expect(await draw({}, String(2n ** 64n - 1n))).not.toEqual(await draw())
  })

  test.each([
    [128, 192],
    [64, 64],
    [200, 72],
  ])('may have %i x %i pixels', async (width, height) => {
    const run = await runner.run(lora, { set: { ...set, 'latent.width': `${width}`, 'latent.height': `${height}` } })
    expect(run.images).toMatchObject([{ width, height }])
    const [pixels = Buffer.of()] = await pixelsOf(run)
    expect(pixels).toHaveLength(3 * width * height)
    expect(new Set(pixels).size).toBeGreaterThan(100)
  })
})

const checkpoint = join(embeddedModels, 'emoji-tiny.safetensors')
/** Ends at the clean latent of its only step: what it gives is linear in what the network predicts. */
const trailing: Schedule = { kind: 'spaced', spacing: 'trailing', stepsOffset: 1 }
const oneStep: SchedulerSpec = { ...schedulerDefaults.ddim, steps: 1, schedule: trailing, setAlphaToOne: true }
const twoSteps: SchedulerSpec = { ...schedulerDefaults.ddim, steps: 2, schedule: trailing }
/** alpha_cumprod of SD1.x at the last timestep, where `oneStep` starts: betas linear in their roots. */
const lastAlpha = Array.from(
  { length: 1000 },
  (_, t) => (Math.sqrt(0.00085) + (t / 999) * (Math.sqrt(0.012) - Math.sqrt(0.00085))) ** 2,
).reduce((product, beta) => product * (1 - beta), 1)

describe('sampling', () => {
  let unet: SessionValue
  let text: SessionValue
  beforeAll(async () => {
    unet = await unetSession(checkpoint)
    text = await textSession(checkpoint)
  })
  afterAll(async () => {
    await unet?.session.release()
    await text?.session.release()
  })

  const seed = '42'
  const shape = [1, 4, 8, 12]
  const size = 4 * 8 * 12
  const encode = (prompt: string) => stepRules['encode-prompt'].run(stepContext(), { session: text }, { text: prompt })
  const empty = (batch = 1): Latent => ({ tensor: zeros([batch, ...shape.slice(1)]), empty: true })

  interface Sampling {
    readonly positive: string
    readonly negative?: string
    readonly guidance?: number
    readonly latent?: Latent
    readonly scheduler?: SchedulerSpec
    readonly session?: SessionValue
  }

  const sample = async (of: Sampling): Promise<FloatTensor> => {
    const { positive, negative, guidance = 1, latent = empty(), scheduler = oneStep, session = unet } = of
    const conditions = {
      positive: await encode(positive),
      negative: negative === undefined ? undefined : await encode(negative),
    }
    const inputs = { session, ...conditions, latent, scheduler }
    return (await stepRules.sample.run(stepContext(), inputs, { seed, guidance, strength: 1 })).tensor
  }

  test('a batch is one draw of torch: each item is what sampling alone with its noise gives', async () => {
    const both = await sample({ positive: 'a fox', latent: empty(2), scheduler: twoSteps })
    expect(both.shape).toEqual([2, 4, 8, 12])
    const first = await sample({ positive: 'a fox', scheduler: twoSteps })
    expect(largestDifference(both.data.subarray(0, size), first.data)).toBeLessThan(1e-4)

    // 384 values are whole blocks of 16, so the second item's noise is the second draw of a single one.
    const generator = new TorchGenerator(42n)
    const noise = generator.randn([2, 4, 8, 12])
    const single = new TorchGenerator(42n)
    expect(noise.subarray(0, size)).toEqual(single.randn(shape))
    expect(noise.subarray(size)).toEqual(single.randn(shape))
    const second = await sample({
      positive: 'a fox',
      scheduler: twoSteps,
      latent: { ...empty(), drawn: { seed, shape } },
    })
    expect(largestDifference(both.data.subarray(size), second.data)).toBeLessThan(1e-4)
    expect(largestDifference(first.data, second.data)).toBeGreaterThan(0.1)
  })

  const long = Array.from({ length: 40 }, (_, i) => `a small red fox number ${i}`).join(', ')

  test.each([
    ['two prompts of 77 tokens', 'a fox', 'blurry'],
    ['a positive prompt of several chunks', long, 'blurry'],
    ['a negative prompt of several chunks', 'a fox', long],
    ['no text in the negative prompt', 'a fox', ''],
  ])('guidance in one batched pass equals two passes: %s', async (_, positive, negative) => {
    const guidance = 4
    const guided = await sample({ positive, negative, guidance })
    const conditional = await sample({ positive })
    const unconditional = await sample({ positive: negative })
    const expected = unconditional.data.map((value, i) => value + guidance * ((conditional.data[i] ?? 0) - value))
    // The clean latent is (noise - sigma * epsilon) / alpha: its differences are larger than epsilon's by sigma / alpha.
    const magnification = Math.sqrt((1 - lastAlpha) / lastAlpha)
    expect(largestDifference(guided.data, expected) / magnification).toBeLessThan(1e-5)
    expect(largestDifference(conditional.data, unconditional.data) / magnification).toBeGreaterThan(1e-3)
  })

  test('guidance of a batch is that of its items', async () => {
    const settings = { positive: 'a fox', negative: 'blurry', guidance: 3 }
    const both = await sample({ ...settings, latent: empty(2) })
    const first = await sample(settings)
    expect(largestDifference(both.data.subarray(0, size), first.data)).toBeLessThan(1e-3)
  })

  test('the prediction that a workflow chooses overrides what the file says', async () => {
    const session = await unetSession(checkpoint, 'v_prediction')
    const epsilon = await sample({ positive: 'a fox' })
    const velocity = await sample({ positive: 'a fox', session })
    await session.session.release()
    // With a = sqrt(alpha_cumprod): epsilon means (noise - sigma * p) / a, velocity a * noise - sigma * p.
    const a = Math.sqrt(lastAlpha)
    const noise = new TorchGenerator(BigInt(seed)).randn(shape)
    const expected = epsilon.data.map((value, i) => a * value + (a - 1) * (noise[i] ?? 0))
    expect(largestDifference(velocity.data, expected)).toBeLessThan(1e-4)
  })

  test('guidance without a negative prompt is refused by the sampler itself', async () => {
    await expect(sample({ positive: 'a fox', guidance: 4 })).rejects.toMatchObject({
      code: 'missing-input',
      input: 'negative',
    })
  })
})
