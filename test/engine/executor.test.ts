import { copyFileSync, readdirSync, rmSync, truncateSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodePrompt, sampleLatent, vaeDecode } from '#core/plan/composites.ts'
import type { Plan } from '#core/plan/plan.ts'
import { schedulerDefaults } from '#core/plan/scheduler.ts'
import type { RunEvent } from '#core/protocol/messages.ts'
import { StepCache } from '#engine/runtime/step-cache.ts'
import {
  done,
  type EngineRun,
  EngineRunner,
  labels,
  pixelsOf,
  planned,
  type RunSettings,
  rewired,
  template,
} from '../engine-runner.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { PlanRunner } from '../run-plan.ts'
import { smallModels, writeSmallCheckpoint } from '../small-models.ts'

/** Two steps are enough to see what runs. */
const small = { steps: '2', 'latent.width': '64', 'latent.height': '64' }
const counts = (run: EngineRun) =>
  Object.fromEntries(['load', 'encode', 'sample', 'decode', 'save'].map((phase) => [phase, labels(run, phase).length]))

const runner = new EngineRunner(smallModels())
afterAll(() => runner.close())
const lora = template('lcm-lora')

describe('a run reuses', () => {
  let first: EngineRun
  beforeAll(async () => {
    first = await runner.run(lora, { set: small })
  })

  test('nothing at first, and works in the order of the phases', () => {
    expect(first.reused).toBe(0)
    expect(labels(first, 'load')).toEqual([
      'text encoder of emoji-tiny.safetensors',
      'UNet of emoji-tiny.safetensors',
      'VAE decoder of emoji-tiny.safetensors',
    ])
    expect(counts(first)).toEqual({ load: 3, encode: 1, sample: 1, decode: 1, save: 1 })
    expect(first.sessions).toBe(3)
    const nodes = ['checkpoint', 'decode', 'latent', 'lora', 'prompt', 'sampler', 'save', 'scheduler']
    expect(first.events[0]?.type).toBe('plan')
    expect(planned(first)).toEqual({ reused: [], run: nodes })
    expect(done(first).toSorted()).toEqual(nodes)
    expect(done(first).slice(-4)).toEqual(['prompt', 'sampler', 'decode', 'save'])
    expect(first.events.slice(-2)).toMatchObject([
      { type: 'image', node: 'save' },
      { type: 'node-done', node: 'save' },
    ])
  })

  test('every session and prompt when only the seed changes', async () => {
    const run = await runner.run(lora, { set: small, seed: '7' })
    expect(counts(run)).toEqual({ load: 0, encode: 0, sample: 1, decode: 1, save: 1 })
    expect(run.reused).toBe(run.steps - 3)
    expect(run.sessions).toBe(0)
    expect(done(run)).toEqual(['sampler', 'decode', 'save'])
    expect(planned(run)).toEqual({
      reused: ['checkpoint', 'latent', 'lora', 'prompt', 'scheduler'],
      run: ['decode', 'sampler', 'save'],
    })
  })

  test('all but the effect when nothing changes', async () => {
    const run = await runner.run(lora, { set: small })
    expect(counts(run)).toEqual({ load: 0, encode: 0, sample: 0, decode: 0, save: 1 })
    expect(run.reused).toBe(run.steps - 1)
    expect(done(run)).toEqual(['save'])
    expect(run.images[0]?.path).not.toBe(first.images[0]?.path)
    expect(await pixelsOf(run)).toEqual(await pixelsOf(first))
  })

  test('every session when the prompt changes', async () => {
    const run = await runner.run(lora, { set: { ...small, prompt: 'a cat' } })
    expect(counts(run)).toEqual({ load: 0, encode: 1, sample: 1, decode: 1, save: 1 })
    expect(done(run)).toEqual(['prompt', 'sampler', 'decode', 'save'])
  })

  test('text encoder, VAE and prompt when the strength of a LoRA changes', async () => {
    const run = await runner.run(lora, { set: { ...small, 'lora.modelStrength': '0.9' } })
    expect(labels(run, 'load')).toEqual(['UNet of emoji-tiny.safetensors'])
    expect(labels(run, 'encode')).toEqual([])
    expect(run.sessions).toBe(1)
    expect(done(run)).toEqual(['lora', 'sampler', 'decode', 'save'])
  })

  test('the text encoder of a LoRA whose strength there stays', async () => {
    const document = rewired(lora, {
      'lora.file': 'emoji-tiny-sketch-lora.safetensors',
      'lora.clip': '-> checkpoint.clip',
      'lora.clipStrength': 0.5,
      'prompt.clip': '-> lora.clip',
    })
    await runner.run(document, { set: small })
    const model = await runner.run(document, { set: { ...small, 'lora.modelStrength': '0.9' } })
    expect(labels(model, 'load')).toEqual(['UNet of emoji-tiny.safetensors'])
    expect(labels(model, 'encode')).toEqual([])
    const clip = await runner.run(document, { set: { ...small, 'lora.clipStrength': '0.6' } })
    expect(labels(clip, 'load')).toEqual(['text encoder of emoji-tiny.safetensors'])
    expect(counts(clip)).toMatchObject({ encode: 1, sample: 1 })
  })

  test('a picture for two effects, and both happen', async () => {
    const nodes = { ...JSON.parse(lora).nodes }
    const document = JSON.stringify({ ...JSON.parse(lora), nodes: { ...nodes, again: nodes.save } })
    const outputFolder = temporaryFolder()
    const run = await runner.run(document, { set: small, outputFolder })
    expect(readdirSync(outputFolder)).toHaveLength(2)
    expect(run.images.map(({ node }) => node).sort()).toEqual(['again', 'save'])
    expect(run.reused).toBe(run.steps - 2)
  })

  test('the session of two LoRAs in either order', async () => {
    const wired = template('style-and-lcm-lora')
    await runner.run(wired, { set: small })
    const files = { 'lora.file': 'emoji-tiny-sketch-lora.safetensors', 'style.file': 'emoji-tiny-lcm-lora.safetensors' }
    const strengths = { 'lora.modelStrength': '0.8', 'style.modelStrength': '1' }
    const run = await runner.run(wired, { set: { ...small, ...files, ...strengths } })
    expect(counts(run)).toEqual({ load: 0, encode: 0, sample: 0, decode: 0, save: 1 })
  })
})

describe('the negative prompt', () => {
  const guided = template('ddim-25')
  const set = { ...small, prompt: 'a red fish', negative: 'blurry' }
  const encoding = ({ events }: EngineRun) =>
    events.flatMap((event) => (event.type === 'phase' && event.phase === 'encode' ? [event.node] : []))

  test('is never encoded at guidance 1', async () => {
    expect(encoding(await runner.run(guided, { set: { ...set, guidance: '1' } }))).toEqual(['prompt'])
  })

  test('is encoded once guidance asks for it', async () => {
    expect(encoding(await runner.run(guided, { set: { ...set, guidance: '4' } }))).toEqual(['negative'])
  })
})

describe('a file that is replaced', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'model.safetensors')
  const set = { ...small, 'checkpoint.file': 'model.safetensors', 'lora.modelStrength': '0' }
  const runner = new EngineRunner(folder, smallModels())
  const run = () => runner.run(template('lcm-lora'), { set })
  afterAll(() => runner.close())

  test('is loaded anew, whether its bytes or only its time are new', async () => {
    writeSmallCheckpoint(file)
    utimesSync(file, 1000, 1000)
    const [before] = await pixelsOf(await run())
    expect(counts(await run())).toMatchObject({ load: 0, save: 1 })

    utimesSync(file, 2000, 2000)
    const touched = await run()
    expect(counts(touched)).toMatchObject({ load: 3, encode: 1, sample: 1, decode: 1 })
    expect(await pixelsOf(touched)).toEqual([before])

    const other = writeSmallCheckpoint(join(folder, 'other.safetensors'), 1)
    copyFileSync(other, file)
    utimesSync(file, 2000, 2000.5)
    const replaced = await run()
    expect(counts(replaced)).toMatchObject({ load: 3, encode: 1 })
    expect(await pixelsOf(replaced)).not.toEqual([before])
  })
})

describe('a model file that changes while it is in use ends the run with its name', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'in-use.safetensors')

  test.each([
    ['while a network is loaded', 'load', () => writeSmallCheckpoint(file, 2), 'changed, replaced or removed'],
    ['in the middle of sampling', 'sample', () => utimesSync(file, 3000, 3000), 'changed, replaced or removed'],
    ['cut short while it is loaded', 'load', () => truncateSync(file, 1_000_000), ''],
    ['removed while it is loaded', 'load', () => rmSync(file), ''],
  ])('%s', async (_, phase, change, said) => {
    writeSmallCheckpoint(file)
    let changed = false
    const { error } = await runner.failure(lora, {
      set: { ...small, 'checkpoint.file': file, seed: '11' },
      watch: (event) => {
        if (changed || event.type !== 'phase' || event.phase !== phase) return
        changed = true
        change()
      },
    })
    expect(error.message).toContain(file)
    expect(error.message).toContain(said)
    expect(['io', 'not-found', 'parse']).toContain(error.code)
    expect(error.hint).toBeTruthy()
  })
})

describe('a run that is cancelled', () => {
  const set = { ...small, prompt: 'a green bird' }

  /** Cancels a run with a seed of its own at the first event that `matches`. */
  const cancelAt = async (seed: string, matches: (event: RunEvent) => boolean, more: RunSettings['set'] = {}) => {
    const outputFolder = temporaryFolder()
    const { error, events } = await runner.failure(lora, {
      set: { ...set, ...more },
      seed,
      outputFolder,
      watch: (event, abort) => matches(event) && abort(),
    })
    expect(error).toMatchObject({ code: 'cancelled' })
    expect(readdirSync(outputFolder)).toEqual([])
    return events
  }
  const isPhase = (phase: string) => (event: RunEvent) => event.type === 'phase' && event.phase === phase

  test('while it loads, goes no further', async () => {
    const events = await cancelAt('1', isPhase('load'), { 'checkpoint.clipSkip': '2' })
    expect(events.filter(({ type }) => type !== 'plan' && type !== 'node-done')).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({ type: 'phase', phase: 'load', node: 'prompt' })
  })

  test('in a step, ends with that step', async () => {
    const events = await cancelAt('2', (event) => event.type === 'step' && event.step === 2, { steps: '4' })
    expect(events.at(-1)).toMatchObject({ type: 'step', step: 2, steps: 4 })
  })

  test.each(['decode', 'save'])('in the phase %s, leaves no file', async (phase) => {
    const events = await cancelAt('3', isPhase(phase))
    expect(events.findLast(({ type }) => type !== 'node-done')).toMatchObject({ type: 'phase', phase })
  })

  test('before it begins, does nothing', async () => {
    const controller = new AbortController()
    controller.abort()
    const source = { document: lora, folders: [smallModels()], overrides: [], outputFolder: temporaryFolder() }
    const options = { ...source, device: 'cpu', previews: false, verify: true } as const
    const events: RunEvent[] = []
    const ended = runner.engine.run(options, (event) => events.push(event), controller.signal)
    await expect(ended).rejects.toMatchObject({ code: 'cancelled' })
    expect(events).toEqual([])
  })

  test('hinders no later run', async () => {
    const outputFolder = temporaryFolder()
    const after = await runner.run(lora, { set, seed: '2', outputFolder })
    expect(labels(after, 'load')).toEqual([])
    expect(readdirSync(outputFolder)).toHaveLength(1)
    const fresh = new EngineRunner(smallModels())
    expect(await pixelsOf(after)).toEqual(await pixelsOf(await fresh.run(lora, { set, seed: '2' })))
    await fresh.close()
  })
})

test('steps and previews are told one by one, and each picture once, at the end', async () => {
  const set = { ...small, steps: '3', 'latent.batch': '2' }
  const { events } = await runner.run(lora, { set, previews: true })
  const previews = events.flatMap((event) => (event.type === 'preview' ? [event] : []))
  expect(previews.map(({ width, height, rgb }) => [width, height, rgb.length])).toEqual(Array(3).fill([8, 8, 192]))
  expect(new Set(previews[2]?.rgb).size).toBeGreaterThan(20)
  const steps = events.flatMap((event) => (event.type === 'step' ? [`${event.node} ${event.step}/${event.steps}`] : []))
  expect(steps).toEqual(['sampler 1/3', 'sampler 2/3', 'sampler 3/3'])
  expect(events.slice(-3).map(({ type }) => type)).toEqual(['image', 'image', 'node-done'])
  expect(new Set(events.flatMap((event) => (event.type === 'image' ? [event.path] : []))).size).toBe(2)
})

test('runs that are asked for at once follow one another, also after one that fails', async () => {
  const order: string[] = []
  const draw = (seed: string, set: Readonly<Record<string, string>>) =>
    runner.run(lora, { set, seed, watch: ({ type }) => order.push(`${seed} ${type}`) })
  const both = [draw('61', small), draw('62', { ...small, steps: '0' }), draw('63', small)]
  const ended = await Promise.allSettled(both)
  expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(order.indexOf('61 image')).toBeLessThan(order.indexOf('63 phase'))
  expect(order.at(-1)).toBe('63 node-done')
})

test('an error that only running shows carries its node and comes before anything is loaded', async () => {
  const { error, events } = await runner.failure(lora, { set: { ...small, 'checkpoint.clipSkip': '9' } })
  expect(error).toMatchObject({ code: 'range', node: 'checkpoint', input: 'clipSkip' })
  expect(error.message).toBe("CLIP skip 9 is not between 1 and the encoder's 4 layers.")
  expect(events.map(({ type }) => type)).toEqual(['plan'])
})

describe('the cache within its budget', () => {
  const folder = temporaryFolder()
  writeSmallCheckpoint(join(folder, 'model.safetensors'))

  const draw =
    (seed: string, text = 'a fox') =>
    (plan: Plan) => {
      const file = 'model.safetensors'
      const latent = sampleLatent(
        plan,
        {
          model: plan.step('unet', {}, { file, prediction: 'auto' }),
          positive: encodePrompt(plan, plan.step('text-encoder', {}, { file, skip: 1 }), { text }),
          latent: plan.step('empty-latent', {}, { width: 64, height: 64, batch: 1 }),
          scheduler: plan.step('scheduler', {}, { spec: { ...schedulerDefaults.lcm, steps: 1 } }),
        },
        { seed, guidance: 1, strength: 1 },
      )
      plan.step('save-image', { image: vaeDecode(plan, plan.step('vae', {}, { file }), latent) }, { prefix: 'fox' })
    }

  test('ends nothing while there is room', async () => {
    const runner = new PlanRunner([folder])
    const [first, second] = [await runner.run(draw('1')), await runner.run(draw('2'))]
    expect(runner.released).toEqual([])
    expect([labels(first, 'load').length, labels(second, 'load').length]).toEqual([3, 0])
    await runner.close()
    expect(runner.released).toHaveLength(3)
  })

  test('ends each session after its last use where there is none, and the picture is the same', async () => {
    const [roomy, tight] = [new PlanRunner([folder]), new PlanRunner([folder], new Map(), 0)]
    const { images } = await roomy.run(draw('1'))
    for (let repetition = 1; repetition <= 2; repetition++) {
      const run = await tight.run(draw('1'))
      expect(run.images).toEqual(images)
      expect(run.reused).toBe(0)
      expect(tight.released).toHaveLength(3 * repetition)
    }
    expect(tight.released.slice(0, 3)).toEqual([
      'text encoder of model.safetensors',
      'UNet of model.safetensors',
      'VAE decoder of model.safetensors',
    ])
    await roomy.close()
  })

  test('ends what was least recently used first, and never what is pinned', async () => {
    const released: unknown[] = []
    const cache = new StepCache(300, async (value) => void released.push(value))
    const values = ['a', 'b', 'c'].map((name, size) => ({
      tensor: { data: new Float32Array(size), shape: [size] },
      name,
    }))
    for (const value of values) cache.set(value.name, value, 100)
    const [a, b, c] = values
    expect(cache.get('a')).toBe(a)
    await cache.makeRoom(100)
    expect(released).toEqual([b])
    cache.pin(['c'])
    await cache.makeRoom(300)
    expect(released).toEqual([b, a])
    cache.unpin('c')
    await cache.makeRoom(300)
    expect(released).toEqual([b, a, c])
  })
})
