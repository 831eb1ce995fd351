import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodePrompt, sampleLatent, vaeDecode } from '#core/plan/composites.ts'
import { optimisePlan } from '#core/plan/passes/optimise.ts'
import { StrengthHistory } from '#core/plan/passes/placement.ts'
import type { Plan } from '#core/plan/plan.ts'
import { schedulerDefaults } from '#core/plan/scheduler.ts'
import { applyAdapter } from '#engine/adapters/apply.ts'
import { fitAdapter } from '#engine/adapters/match.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import {
  done,
  type EngineRun,
  EngineRunner,
  embeddedModels,
  labels,
  pixelsOf,
  type RunSettings,
  rewired,
  template,
  textsOf,
} from '../engine-runner.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { largestDifference } from '../goldens.ts'
import { floatsOf, openSession, sample } from '../onnx.ts'
import { PlanRunner } from '../run-plan.ts'
import { smallModels } from '../small-models.ts'
import { writeTensors } from '../tensor-file.ts'
import { textFeeds } from '../text-feeds.ts'

const checkpoint = 'emoji-tiny.safetensors'
const sketch = 'emoji-tiny-sketch-lora.safetensors'
const lcm = 'emoji-tiny-lcm-lora.safetensors'

/** Draws with both adapters on the model, and the style on the text encoder too. */
function drawing(style: number, speed: number) {
  return (plan: Plan) => {
    const clip = plan.step(
      'apply-lora',
      { target: plan.step('text-encoder', {}, { file: checkpoint, skip: 1 }) },
      { file: sketch, strength: style },
    )
    const styled = plan.step(
      'apply-lora',
      { target: plan.step('unet', {}, { file: checkpoint, prediction: 'auto' }) },
      {
        file: sketch,
        strength: style,
      },
    )
    const latent = sampleLatent(
      plan,
      {
        model: plan.step('apply-lora', { target: styled }, { file: lcm, strength: speed }),
        positive: encodePrompt(plan, clip, { text: 'a red fish' }),
        latent: plan.step('empty-latent', {}, { width: 128, height: 96, batch: 1 }),
        scheduler: plan.step('scheduler', {}, { spec: { ...schedulerDefaults.lcm, steps: 2 } }),
      },
      { seed: '42', guidance: 2, strength: 1 },
    )
    plan.step(
      'save-image',
      { image: vaeDecode(plan, plan.step('vae', {}, { file: checkpoint }), latent) },
      { prefix: 'fish' },
    )
  }
}

const passes = (live: boolean) => (plan: Plan) => {
  const strengths = { mode: live ? 'live' : 'folded', canLive: () => true, history: new StrengthHistory() } as const
  return optimisePlan(plan, {
    facts: { takesGuidance: () => false, zeroForNoText: () => false },
    strengths,
    verify: true,
  }).plan
}

describe('live strengths draw what folded ones draw', () => {
  const runner = new PlanRunner([smallModels()])
  afterAll(() => runner.close())
  const draw = async (style: number, speed: number, live: boolean) => {
    const { images, sessions } = await runner.run(drawing(style, speed), passes(live))
    return { pixels: images[0]?.data ?? new Float32Array(), sessions }
  }
  beforeAll(async () => {
    await draw(0.5, 0.5, true)
  })

  test.each([
    [0.8, 1],
    [0, 1],
    [-0.4, 0.9],
    [0, 0],
  ])('at %d and %d', async (style, speed) => {
    const live = await draw(style, speed, true)
    expect(live.sessions).toBe(0)
    const folded = await draw(style, speed, false)
    expect(folded.sessions).toBeGreaterThan(0)
    expect(largestDifference(live.pixels, folded.pixels)).toBeLessThan(1e-4)
  })
})

describe('a run with live strengths', () => {
  const runner = new EngineRunner(smallModels())
  afterAll(() => runner.close())
  const small = { steps: '1', 'latent.width': '64', 'latent.height': '64' }
  const document = rewired(template('style-and-lcm-lora'), {
    'style.clip': '-> checkpoint.clip',
    'prompt.clip': '-> style.clip',
  })
  const run = (set: Readonly<Record<string, string>>, more: RunSettings = {}) =>
    runner.run(document, { set: { ...small, ...set }, strengths: 'live', ...more })

  test('creates no session when strengths change, to 0 and in sign too, and runs what depends on them', async () => {
    const first = await run({})
    expect(first.sessions).toBe(3)
    for (const strength of ['0.4', '0', '-1', '1.2']) {
      const next = await run({ style: strength })
      expect(next.sessions).toBe(0)
      expect(labels(next, 'load')).toEqual([])
      expect(done(next)).toEqual(['style', 'sampler', 'decode', 'save'])
      expect(await pixelsOf(next)).not.toEqual(await pixelsOf(first))
    }
    const clip = await run({ 'style.clipStrength': '0.3' })
    expect(clip.sessions).toBe(0)
    expect(done(clip)).toEqual(['style', 'prompt', 'sampler', 'decode', 'save'])
    expect(done(await run({}))).toEqual(['save'])
  })

  test('saves the picture that a folded one saves, down to what it tells of its making', async () => {
    const set = { style: '0', seed: '9' }
    const live = await run(set)
    const folded = await run(set, { strengths: 'folded' })
    expect(folded.sessions).toBe(2)
    const [one, two] = [await pixelsOf(live), await pixelsOf(folded)]
    expect(largestDifference(Float32Array.from(one[0] ?? []), Float32Array.from(two[0] ?? []))).toBeLessThanOrEqual(1)
    const parameters = ({ images }: EngineRun) => textsOf(images[0]?.path ?? '').get('parameters')
    expect(parameters(live)).toBe(parameters(folded))
    expect(parameters(live)).toContain('Sampler: LCM')
    expect(parameters(await run({ seed: '9' }))).toContain('<lora:emoji-tiny-sketch-lora:0.8>')
  })
})

describe('a run that nobody said anything about', () => {
  const runner = new EngineRunner(smallModels())
  afterAll(() => runner.close())
  const run = async (style: string) => {
    const set = { steps: '1', 'latent.width': '64', 'latent.height': '64', style }
    const { sessions, events } = await runner.run(template('style-and-lcm-lora'), {
      set,
      strengths: 'auto',
      explain: true,
    })
    const explained = events.flatMap((event) => (event.type === 'explain' ? [event] : []))
    const adapters = explained.find(({ of }) => of === `UNet of ${checkpoint}`)?.adapters ?? []
    return { sessions, live: adapters.filter(({ live }) => live).map(({ file }) => file), explained }
  }

  test('learns which strength is being moved, and explains it of each session', async () => {
    const first = await run('0.8')
    expect(first).toMatchObject({ sessions: 3, live: [] })
    expect(first.explained.map(({ of }) => of).sort()).toEqual(
      ['UNet', 'VAE decoder', 'text encoder'].map((network) => `${network} of ${checkpoint}`),
    )
    expect(await run('0.8')).toMatchObject({ sessions: 0, live: [] })
    expect(await run('0.5')).toMatchObject({ sessions: 1, live: [sketch] })
    expect(await run('0.2')).toMatchObject({ sessions: 0, live: [sketch] })
  })
})

test('an embedding that an adapter changes follows its live strength too', async () => {
  const { textEncoder, ...rest } = await openCheckpoint(join(embeddedModels, checkpoint))
  if (!textEncoder) throw new Error('The embedded model has no text encoder.')
  const { vocabulary, width } = textEncoder.config
  const name = 'lora_te_text_model_embeddings_token_embedding'
  const tensor = (part: string, shape: readonly number[]) => ({
    name: `${name}.lora_${part}.weight`,
    shape,
    values: Float32Array.from(sample(shape).data, (value) => value / 4),
  })
  const path = writeTensors(join(temporaryFolder(), 'embedding.safetensors'), [
    tensor('up', [vocabulary, 2]),
    tensor('down', [2, width]),
  ])
  const matches = fitAdapter(await openAdapter(path), { ...rest, textEncoder }).textEncoder
  const encode = async (strength: number | { readonly input: string }, feeds: Parameters<typeof floatsOf>[1]) => {
    const weights = applyAdapter(textEncoder.weights, matches, strength)
    const session = await openSession(buildTextEncoder({ textEncoder: { ...textEncoder, weights }, skip: 1 }))
    return floatsOf(session, feeds, 'context')
  }
  const ids = BigInt64Array.from({ length: textEncoder.config.positions }, (_, i) => BigInt(i * 7))
  const tokens = textFeeds({ data: ids, shape: [1, ids.length] }, textEncoder.config.width)
  const live = await encode({ input: 'strength' }, { ...tokens, strength: { data: Float32Array.of(0.7), shape: [] } })
  expect(largestDifference(live, await encode(0.7, tokens))).toBeLessThan(1e-5)
  expect(largestDifference(live, await encode(0.2, tokens))).toBeGreaterThan(1e-2)
})
