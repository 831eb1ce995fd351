import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type BaseFamily, baseFamilies } from '#core/families/families.ts'
import type { RgbFactors } from '#core/families/family.ts'
import type { RunEvent } from '#core/protocol/messages.ts'
import { createEngine } from '#engine/create-engine.ts'
import type { Engine } from '#engine/engine.ts'
import { FittedFactors } from '#engine/preview/fitted-factors.ts'
import { latentPreview } from '#engine/preview/preview.ts'
import { fitRgbFactors, shrink } from '#engine/preview/rgb-factors.ts'
import { stepRules } from '#engine/steps/rules.ts'
import type { FloatTensor } from '#engine/tensor/float-tensor.ts'
import { embeddedModels, template } from '../engine-runner.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { readGolden } from '../goldens.ts'
import { stepContext } from '../step-context.ts'

const usual = (family: BaseFamily) => baseFamilies[family].latents.rgbFactors

/** Pictures that diffusers drew with the embedded model, and their latents. */
const golden = readGolden<{ readonly rows: readonly { readonly name: string }[] }>('embedded')
const drawn = golden.json.rows.map(({ name }) => {
  const tensor = (part: string): FloatTensor => ({
    data: golden.floats(`${name}/${part}`),
    shape: golden.tensors.get(`${name}/${part}`)?.shape ?? [],
  })
  return { latent: tensor('latent'), image: tensor('pt') }
})

/** Root of the mean squared difference of previews and pictures of the same size, in 0..1. */
function difference(factors: RgbFactors): number {
  let [sum, count] = [0, 0]
  for (const { latent, image } of drawn) {
    const small = shrink(image, latent.shape)
    const plane = small.data.length / 3
    latentPreview(latent, factors).rgb.forEach((level, i) => {
      sum += (level / 255 - (small.data[(i % 3) * plane + Math.floor(i / 3)] ?? 0)) ** 2
      count++
    })
  }
  return Math.sqrt(sum / count)
}

async function embeddedDecoder() {
  const context = stepContext()
  const of = await stepRules.vae.run(context, {}, { file: join(embeddedModels, 'emoji-tiny.safetensors') })
  const session = await stepRules.session.run(context, { of }, { network: 'vae-decoder' })
  const decode = async (tensor: FloatTensor) =>
    (await stepRules['vae-decode'].run(context, { session, latent: { tensor, empty: false } }, {})).tensor
  return { decode, release: () => session.session.release() }
}

describe('factors that are fitted to a VAE', () => {
  test('give previews that are much nearer to its pictures than the usual ones', async () => {
    const { decode, release } = await embeddedDecoder()
    const fitted = await fitRgbFactors(4, decode)
    await release()
    expect(drawn.length).toBeGreaterThan(2)
    expect(difference(fitted)).toBeLessThan(0.1)
    expect(difference(fitted)).toBeLessThan(difference(usual('sd1')) / 4)
  })

  test('are those of a decoder that is linear', async () => {
    const factors = [
      [0.1, 0, -0.05],
      [0, 0.08, 0.02],
      [0.5, 0.4, 0.3],
    ]
    const decode = async ({ data, shape: [, , height = 0, width = 0] }: FloatTensor): Promise<FloatTensor> => {
      const image = new Float32Array(3 * 4 * height * width)
      for (let i = 0; i < image.length; i++) {
        const [colour, y, x] = [Math.floor(i / (4 * height * width)), Math.floor(i / (2 * width)), i % (2 * width)]
        const at = (Math.floor(y / 2) % height) * width + Math.floor(x / 2)
        const [a = [], b = [], bias = []] = factors
        image[i] =
          (a[colour] ?? 0) * (data[at] ?? 0) + (b[colour] ?? 0) * (data[height * width + at] ?? 0) + (bias[colour] ?? 0)
      }
      return { data: image, shape: [1, 3, 2 * height, 2 * width] }
    }
    const fitted = (await fitRgbFactors(2, decode)).flat()
    for (const [i, value] of factors.flat().entries()) expect(fitted[i]).toBeCloseTo(value, 5)
  })
})

describe('fitted factors are kept', () => {
  const factors = [
    [1, 0, 0],
    [0, 0, 1],
  ]

  test('for later processes, and fitted once', async () => {
    const folder = temporaryFolder()
    let fits = 0
    const fit = async () => {
      fits++
      return factors
    }
    const store = new FittedFactors(folder)
    expect(await store.of('abc')).toBe(usual('sd1'))
    expect(await store.of('of-sdxl', 'sdxl')).toBe(usual('sdxl'))
    expect(await store.of('of-sdxl')).toBe(usual('sdxl'))
    await store.learn('abc', fit)
    await store.learn('abc', fit)
    expect(await store.of('abc')).toEqual(factors)
    const later = new FittedFactors(folder)
    await later.learn('abc', fit)
    expect(await later.of('abc')).toEqual(factors)
    expect(await later.of('other')).toBe(usual('sd1'))
    expect(await later.of(undefined, 'sdxl')).toBe(usual('sdxl'))
    expect(fits).toBe(1)
  })

  test.each(['', '{', '[[1,2]]', '[["a","b","c"],[1,2,3]]', '[]'])('never as the broken file %j', async (text) => {
    const folder = temporaryFolder()
    const path = join(folder, 'previews', 'abc.json')
    mkdirSync(dirname(path))
    writeFileSync(path, text)
    expect(await new FittedFactors(folder).of('abc')).toBe(usual('sd1'))
  })

  test('in memory where the folder cannot be written', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const store = new FittedFactors(file)
    await store.learn('abc', async () => factors)
    expect(await store.of('abc')).toEqual(factors)
  })
})

test('a second run previews in the colours that the first one fitted, without another session', async () => {
  const cacheFolder = temporaryFolder()
  const last = async (engine: Engine, seed: string, previews = true) => {
    const events: RunEvent[] = []
    const { sessions } = await engine.run(
      {
        document: template('lcm-lora'),
        folders: [],
        overrides: [{ name: 'steps', value: '1' }],
        seed,
        outputFolder: temporaryFolder(),
        device: 'cpu',
        previews,
        verify: false,
      },
      (event) => events.push(event),
      new AbortController().signal,
    )
    return { sessions, rgb: events.findLast((event) => event.type === 'preview')?.rgb }
  }
  const engine = createEngine({ models: [embeddedModels], cacheFolder })
  await last(engine, '1', false)
  expect(readdirSync(cacheFolder)).toEqual([])
  const first = await last(engine, '2')
  expect(readdirSync(join(cacheFolder, 'previews'))).toHaveLength(1)
  await last(engine, '3')
  const again = await last(engine, '2')
  await engine.close()
  expect([first.sessions, again.sessions]).toEqual([0, 0])
  const fresh = createEngine({ models: [embeddedModels], cacheFolder })
  const later = await last(fresh, '2')
  await fresh.close()
  expect(later.rgb).not.toEqual(first.rgb)
  expect(again.rgb).toBeUndefined()
})
