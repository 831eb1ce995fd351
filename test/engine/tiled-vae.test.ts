import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { StepEvent } from '#engine/runtime/node-events.ts'
import type { SessionValue, VaeValue } from '#engine/runtime/values.ts'
import { stepRules } from '#engine/steps/rules.ts'
import type { FloatTensor } from '#engine/tensor/float-tensor.ts'
import { spansOf } from '#engine/tensor/tiles.ts'
import { embeddedModels } from '../engine-runner.ts'
import { goldenCheckpoint } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { scene } from '../scene.ts'
import { stepContext } from '../step-context.ts'

const sessions: SessionValue[] = []
afterAll(async () => {
  for (const { session } of sessions) await session.release()
})

async function openVae(file: string) {
  const context = stepContext()
  const of: VaeValue = await stepRules.vae.run(context, {}, { file })
  const session = async (network: Parameters<typeof stepRules.session.run>[2]['network']) => {
    const value = await stepRules.session.run(context, { of }, { network })
    sessions.push(value)
    return value
  }
  return { of, session }
}

/** Root of the mean squared difference. */
function rms(a: FloatTensor, b: FloatTensor): number {
  return Math.sqrt(a.data.reduce((sum, value, i) => sum + (value - (b.data[i] ?? 0)) ** 2, 0) / a.data.length)
}

/** The largest jump of a picture's error from one column to the next, as the mean of the column: a seam is a jump along a line. */
function worstSeam(picture: FloatTensor, truth: FloatTensor): number {
  const width = picture.shape[3] ?? 0
  const error = picture.data.map((value, i) => value - (truth.data[i] ?? 0))
  const lines = error.length / width
  const jumps = Array.from({ length: width - 1 }, (_, x) => {
    let jump = 0
    for (let at = x; at < error.length; at += width) jump += (error[at + 1] ?? 0) - (error[at] ?? 0)
    return Math.abs(jump) / lines
  })
  return Math.max(...jumps)
}

const golden = readGolden<{ readonly tolerance: number }>('vae-large')
const tensorOf = (name: string): FloatTensor => ({
  data: golden.floats(name),
  shape: golden.tensors.get(name)?.shape ?? [],
})
const tiles = { tile: 96, overlap: 32 }

describe("a picture in tiles is the picture that diffusers makes of the whole, but for a shade, on the goldens' VAE", async () => {
  const { of, session } = await openVae(goldenCheckpoint('vae'))
  const { scaling } = of.network.config
  const raw = scene([1, 4, 16, 20], -2, 2)
  const latent = { tensor: { ...raw, data: raw.data.map((value) => value * scaling) }, empty: false }
  const decoder = { inner: await session('vae-decoder-inner'), outer: await session('vae-decoder-outer') }
  const decode = async (options: typeof tiles, events: StepEvent[] = []) => {
    const context = stepContext((event) => events.push(event))
    return (await stepRules['vae-decode-tiled'].run(context, { ...decoder, latent }, options)).tensor
  }

  test('one tile is the whole', async () => {
    const { data, shape } = await decode({ tile: 256, overlap: 32 })
    expect(shape).toEqual([1, 3, 128, 160])
    expect(largestDifference(data, golden.floats('decoded'))).toBeLessThan(2e-3)
  })

  test('decoded', async () => {
    const events: StepEvent[] = []
    const tiled = await decode(tiles, events)
    expect(rms(tiled, tensorOf('decoded'))).toBeLessThan(0.05)
    expect(worstSeam(tiled, tensorOf('decoded'))).toBeLessThan(0.01)
    expect(events.filter(({ type }) => type === 'step')).toEqual(
      [1, 2, 3, 4].map((step) => ({ type: 'step', step, steps: 4 })),
    )
  })

  test('encoded', async () => {
    const encoder = { outer: await session('vae-encoder-outer'), inner: await session('vae-encoder-inner') }
    const image = { tensor: scene([1, 3, 192, 256], 0, 1) }
    const encode = async (tile: number) =>
      (
        await stepRules['vae-encode-tiled'].run(
          stepContext(),
          { ...encoder, image },
          { posterior: 'mean', seed: '0', tile, overlap: 32 },
        )
      ).tensor
    const truth = { ...tensorOf('mean'), data: golden.floats('mean').map((value) => value * scaling) }
    expect(largestDifference((await encode(256)).data, truth.data)).toBeLessThan(1e-3)
    expect(rms(await encode(128), truth)).toBeLessThan(0.25 * size(truth))
  })

  test('tile by tile until the run is cancelled', async () => {
    const controller = new AbortController()
    const context = { ...stepContext(() => controller.abort()), signal: controller.signal }
    await expect(stepRules['vae-decode-tiled'].run(context, { ...decoder, latent }, tiles)).rejects.toMatchObject({
      code: 'cancelled',
    })
  })
})

describe('on the embedded model', async () => {
  const { session } = await openVae(join(embeddedModels, 'emoji-tiny.safetensors'))
  const drawn = readGolden<{ readonly rows: readonly { readonly name: string }[] }>('embedded')
  const latents = drawn.json.rows.slice(0, 6).map(({ name }) => ({
    data: drawn.floats(`${name}/latent`),
    shape: drawn.tensors.get(`${name}/latent`)?.shape ?? [],
  }))
  const latent = { tensor: collage(latents, 3), empty: false }
  const whole = await session('vae-decoder')
  const decodeWhole = async (tensor: FloatTensor) =>
    (await stepRules['vae-decode'].run(stepContext(), { session: whole, latent: { tensor, empty: false } }, {})).tensor
  const truth = await decodeWhole(latent.tensor)

  test('tiles show no seam, where pictures decoded by themselves do', async () => {
    const decoder = { inner: await session('vae-decoder-inner'), outer: await session('vae-decoder-outer') }
    const options = { tile: 128, overlap: 64 }
    const { tensor } = await stepRules['vae-decode-tiled'].run(stepContext(), { ...decoder, latent }, options)
    expect(rms(tensor, truth)).toBeLessThan(0.015)
    expect(worstSeam(tensor, truth)).toBeLessThan(0.01)
    const apart = collage(await Promise.all(latents.map(decodeWhole)), 3)
    expect(rms(apart, truth)).toBeGreaterThan(0.03)
    expect(worstSeam(apart, truth)).toBeGreaterThan(0.02)
  })

  test('a picture in tiles gives the latent of the whole within 3 percent', async () => {
    const encoder = { outer: await session('vae-encoder-outer'), inner: await session('vae-encoder-inner') }
    const encode = await session('vae-encoder')
    const [image, options] = [{ tensor: truth }, { posterior: 'mean', seed: '0' } as const]
    const expected = (await stepRules['vae-encode'].run(stepContext(), { session: encode, image }, options)).tensor
    const tiled = await stepRules['vae-encode-tiled'].run(
      stepContext(),
      { ...encoder, image },
      { ...options, tile: 128, overlap: 64 },
    )
    expect(rms(tiled.tensor, expected)).toBeLessThan(0.03 * size(expected))
  })
})

describe('tiles along an axis', () => {
  test('are no longer than asked for, share the overlap, reach the ends, and count 1 together', () => {
    const sizes = fc.record({ cells: fc.integer({ min: 1, max: 300 }), tile: fc.integer({ min: 4, max: 64 }) })
    fc.assert(
      fc.property(sizes, fc.constantFrom(1, 8), fc.double({ min: 0.1, max: 0.5, noNaN: true }), (axis, to, share) => {
        const { cells, tile } = axis
        const overlap = Math.max(1, Math.floor(tile * share))
        const spans = spansOf(cells, { tile, overlap, from: 1, to })
        const sums = new Float32Array(cells * to)
        for (const { start, length, weights } of spans) {
          expect(length).toBeLessThanOrEqual(tile)
          for (const [i, weight] of weights.entries()) sums[start * to + i] = (sums[start * to + i] ?? 0) + weight
        }
        for (const [i, { start }] of spans.slice(1).entries()) {
          const before = spans[i]
          expect((before?.start ?? 0) + (before?.length ?? 0) - start).toBeGreaterThanOrEqual(overlap)
        }
        expect(largestDifference(sums, new Float32Array(sums.length).fill(1))).toBeLessThan(1e-5)
      }),
    )
  })
})

/** Root of the mean square. */
function size({ data }: FloatTensor): number {
  return Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length)
}

/** Latents, or pictures, of one size side by side, so many in a row. */
function collage(latents: readonly FloatTensor[], across: number): FloatTensor {
  const [, channels = 0, height = 0, width = 0] = latents[0]?.shape ?? []
  const rows = Math.ceil(latents.length / across)
  const shape = [1, channels, rows * height, across * width]
  const data = new Float32Array(channels * rows * height * across * width)
  latents.forEach((latent, i) => {
    for (let line = 0; line < channels * height; line++) {
      const [channel, y] = [Math.floor(line / height), line % height]
      const at = ((channel * rows + Math.floor(i / across)) * height + y) * across * width + (i % across) * width
      data.set(latent.data.subarray(line * width, (line + 1) * width), at)
    }
  })
  return { data, shape }
}
