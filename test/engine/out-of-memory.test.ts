import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { StepEvent } from '#engine/runtime/node-events.ts'
import type { ResidentNetwork } from '#engine/runtime/resident-network.ts'
import { graphicsCard } from '../failing-card.ts'

vi.mock('#engine/ort/open.ts', async (original) => {
  const opened = await original<typeof import('#engine/ort/open.ts')>()
  return { ...opened, binding: graphicsCard(opened.binding) }
})

const { limits } = await import('../failing-card.ts')
const { chooseDevice } = await import('#engine/runtime/devices.ts')
const { Residents } = await import('#engine/runtime/residents.ts')
const { stepRules } = await import('#engine/steps/rules.ts')
const { stepContext } = await import('../step-context.ts')
const { smallModels, writeLoudCheckpoint } = await import('../small-models.ts')
const { scene } = await import('../scene.ts')
const { temporaryFolder } = await import('../golden-networks.ts')
const { largestDifference } = await import('../goldens.ts')

const file = join(smallModels(), 'emoji-tiny.safetensors')

const opened: ResidentNetwork[] = []

async function releaseAll(): Promise<void> {
  for (const network of opened.splice(0)) await network.release()
}

/** A context on the card, and the sentences that the artist reads. */
function onCard({ precision = 'float32', budget }: { precision?: 'float32' | 'float16'; budget?: number } = {}) {
  const said: string[] = []
  const emit = (event: StepEvent) => {
    if (event.type === 'warning') said.push(event.error.message)
  }
  const residents = new Residents({ why: 'a test', ...(budget !== undefined && { budget }) })
  const context = { ...stepContext(emit), device: chooseDevice('webgpu', precision), residents }
  const unet = async (checkpoint = file) => {
    const of = await stepRules.unet.run(context, {}, { file: checkpoint, prediction: 'auto' })
    const { session } = await stepRules.session.run(context, { of }, { network: 'unet' })
    opened.push(session)
    return session
  }
  const vae = async (network: 'vae-decoder' | 'vae-encoder') => {
    const of = await stepRules.vae.run(context, {}, { file })
    const value = await stepRules.session.run(context, { of }, { network })
    opened.push(value.session)
    return value
  }
  return { context, said, unet, vae }
}

/** Two pictures for the UNet. */
const feeds = {
  latent: scene([2, 4, 8, 8], -1, 1),
  timestep: { data: Float32Array.of(500, 500), shape: [2] },
  context: { data: scene([1, 2, 77, 64], -1, 1).data, shape: [2, 77, 64] },
}

const expected = async () => {
  const { context, unet } = onCard()
  const { prediction } = await (await unet()).run(feeds, context)
  await releaseAll()
  return prediction?.data ?? []
}

afterEach(async () => {
  await releaseAll()
  limits.reset()
})

describe('when the memory of a card runs out', () => {
  test('what is kept there is released, and comes back', async () => {
    const truth = await expected()
    const { context, said, unet } = onCard()
    const [other, one] = [await unet(), await unet()]
    limits.sessions = 1
    expect(largestDifference((await one.run(feeds, context)).prediction?.data ?? [], truth)).toBeLessThan(1e-5)
    expect(said).toEqual([
      'The memory of webgpu ran out, so what was kept there was released: UNet of emoji-tiny.safetensors.',
    ])
    expect(limits.open).toBe(1)
    expect(largestDifference((await other.run(feeds, context)).prediction?.data ?? [], truth)).toBeLessThan(1e-5)
    expect(limits.open).toBe(1)
  })

  test('a batch is computed one by one, and so is the next', async () => {
    const truth = await expected()
    const { context, said, unet } = onCard()
    const network = await unet()
    limits.elements = 2 * 4 * 8 * 8 - 1
    for (const _ of ['at once', 'again']) {
      const { prediction } = await network.run(feeds, context)
      expect(prediction?.shape).toEqual([2, 4, 8, 8])
      expect(largestDifference(prediction?.data ?? [], truth)).toBeLessThan(1e-5)
    }
    expect(limits.failures).toBe(1)
    expect(said).toEqual([
      'The memory of webgpu ran out, so the UNet of emoji-tiny.safetensors computes a batch of 2 one by one.',
    ])
  })

  test('the processor is last, and smaller pictures go back to the card', async () => {
    const truth = await expected()
    const { context, said, unet } = onCard()
    const network = await unet()
    limits.elements = 4 * 8 * 8 - 1
    expect(largestDifference((await network.run(feeds, context)).prediction?.data ?? [], truth)).toBeLessThan(2e-4)
    expect(said.at(-1)).toBe(
      'The memory of webgpu ran out, so the UNet of emoji-tiny.safetensors runs on the processor, which takes longer.',
    )
    expect(limits.open).toBe(0)
    await network.run({ ...feeds, latent: scene([2, 4, 4, 4], -1, 1) }, context)
    expect(limits.open).toBe(1)
  })

  test('a network whose weights do not fit is opened on the processor', async () => {
    limits.sessions = 0
    const { context, said, unet } = onCard()
    const network = await unet()
    expect((await network.run(feeds, context)).prediction?.shape).toEqual([2, 4, 8, 8])
    expect(said).toHaveLength(1)
  })

  test('an error that has another cause stays', async () => {
    const { context, said, unet } = onCard()
    const network = await unet()
    const { latent: _, ...rest } = feeds
    await expect(network.run(rest, context)).rejects.toMatchObject({ code: 'internal' })
    expect(said).toEqual([])
  })
})

describe('a VAE without room', () => {
  const latent = { tensor: scene([1, 4, 56, 40], -1, 1), empty: false }

  test('decodes in tiles, and in smaller ones', async () => {
    const whole = onCard()
    const { tensor } = await stepRules['vae-decode'].run(
      whole.context,
      { session: await whole.vae('vae-decoder'), latent },
      {},
    )
    expect(whole.said).toEqual([])

    const { context, said, vae } = onCard()
    const session = await vae('vae-decoder')
    limits.elements = 4 * 56 * 40 - 1
    limits.parts = 32 * 40 * 40
    const tiled = await stepRules['vae-decode'].run(context, { session, latent }, {})
    expect(tiled.tensor.shape).toEqual(tensor.shape)
    expect(said.join('\n')).toMatch(/in tiles of 384 pixels[\s\S]*in tiles of 256 pixels/)
    expect(said.join('\n')).not.toMatch(/processor/)
    const mean =
      tensor.data.reduce((sum, x, i) => sum + Math.abs(x - (tiled.tensor.data[i] ?? 0)), 0) / tensor.data.length
    expect(mean).toBeLessThan(0.05)
  })

  test('encodes in tiles', async () => {
    const { context, said, vae } = onCard()
    const session = await vae('vae-encoder')
    limits.elements = 3 * 384 * 384
    const image = { tensor: scene([1, 3, 384, 400], 0, 1) }
    const { tensor } = await stepRules['vae-encode'].run(context, { session, image }, { posterior: 'mean', seed: '0' })
    expect(tensor.shape).toEqual([1, 4, 48, 50])
    expect(said.at(-1)).toMatch(/in tiles of 384 pixels/)
  })
})

describe('a budget', () => {
  test('is explained with what each network takes, once for each size', async () => {
    const { context, unet } = onCard({ budget: 0 })
    const memory: StepEvent[] = []
    const emit = (event: StepEvent) => memory.push(event)
    const using = { ...context, emit, explain: true }
    const [first, second] = [await unet(), await unet()]
    for (const network of [first, first, second]) await network.run(feeds, using)
    const name = 'UNet of emoji-tiny.safetensors'
    const about = { type: 'memory', of: name, device: 'webgpu', budget: 0, why: 'a test' }
    expect(memory).toMatchObject([
      { ...about, released: [name] },
      { ...about, released: [name] },
    ])
    for (const event of memory) {
      if (event.type !== 'memory') throw new Error('Only memory was to be told.')
      expect(event.weights).toBeGreaterThan(1e6)
      expect(event.activations).toBeGreaterThan(feeds.latent.data.byteLength)
    }
  })

  test('keeps one network at a time when it is tight, without a failure', async () => {
    const { context, said, unet } = onCard({ budget: 0 })
    const networks = [await unet(), await unet()]
    for (const network of networks) await network.run(feeds, context)
    expect(limits.most).toBe(1)
    expect(said).toEqual([])
  })

  test('chooses the tiles of the VAE beforehand', async () => {
    const { context, said, vae } = onCard({ budget: 30e6 })
    const session = await vae('vae-decoder')
    const latent = { tensor: scene([1, 4, 40, 40], -1, 1), empty: false }
    await stepRules['vae-decode'].run(context, { session, latent }, {})
    expect(said).toEqual([
      expect.stringMatching(
        /^The memory of webgpu is too small for the whole picture, so .* in tiles of \d+ pixels\.$/,
      ),
    ])
    expect(limits.failures).toBe(0)
  })
})

test('numbers beyond half precision are computed in float32', async () => {
  const checkpoint = writeLoudCheckpoint(join(temporaryFolder(), 'loud.safetensors'))
  const { context, said, unet } = onCard()
  const exact = (await (await unet(checkpoint)).run(feeds, context)).prediction?.data ?? []
  expect(said).toEqual([])
  const half = onCard({ precision: 'float16' })
  const network = await half.unet(checkpoint)
  expect(largestDifference((await network.run(feeds, half.context)).prediction?.data ?? [], exact)).toBeLessThan(1e-5)
  await network.run(feeds, half.context)
  expect(half.said).toEqual([
    'The UNet of loud.safetensors gave numbers beyond half precision, so it computes in float32.',
  ])
})
