import { createHash } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import type { Prediction } from '#core/families/training.ts'
import type { TensorSpec } from '#core/formats/safetensors.ts'
import { inspectFile } from '#engine/inspect.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { openCheckpoint, openNetwork, openTextEncoders } from '#engine/models/detect.ts'
import type { NetworkTensor } from '#engine/models/keys/network-kind.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { buildVaeDecoder, buildVaeEncoder } from '#engine/models/networks/vae.ts'
import {
  diffusers,
  ldm,
  networks,
  singleFiles,
  texts,
  unets,
  writeFolder,
  writeLoneFolder,
} from '../fixtures/published.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { readGolden } from '../goldens.ts'
import { writeSparse } from '../sparse.ts'

interface Summary {
  readonly tensors: number
  readonly parameters: number
  readonly sha256: string
}

const golden = readGolden<Readonly<Record<string, Summary>>>('published').json
const folder = temporaryFolder()
const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1)

function summary(tensors: readonly NetworkTensor[]): Summary {
  const lines = tensors.map(({ name, shape }) => `${name} ${shape.join(',')}\n`)
  // as Python sorts: by code points
  lines.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  return {
    tensors: tensors.length,
    parameters: tensors.reduce((sum, { shape }) => sum + elements(shape), 0),
    sha256: createHash('sha256').update(lines.join('')).digest('hex'),
  }
}
const nameOf = (line: string) => line.slice(0, line.indexOf(' '))

describe('names and shapes are those of diffusers and transformers', () => {
  test.each(Object.keys(unets) as (keyof typeof unets)[])('UNet %s', (name) => {
    expect(summary(networks.unet(name))).toEqual(golden[`unet ${name}`])
  })
  test.each(['clip-l', 'openclip-h', 'openclip-g'] as const)('text encoder %s', (name) => {
    expect(summary(networks.text(name))).toEqual(golden[`text ${name}`])
  })
  test('VAE', () => expect(summary(networks.vae())).toEqual(golden.vae))
})

/** Builds every network; nothing is loaded. */
function buildAll({ unet, textEncoder, textEncoder2, vae }: Checkpoint): readonly string[] {
  const towers = { ...(textEncoder && { textEncoder }), ...(textEncoder2 && { textEncoder2 }) }
  const models = [
    ...(unet ? [buildUnet(unet)] : []),
    ...(textEncoder || textEncoder2 ? [buildTextEncoder({ ...towers, skip: 'auto' })] : []),
    ...(vae ? [buildVaeEncoder(vae), buildVaeDecoder(vae)] : []),
  ]
  return models.map(({ graph }) => graph.outputs.map(({ name }) => name).join())
}

const whole = ['prediction', 'context,pooled', 'mean,logvar', 'image']
const parametersOf = (checkpoint: Checkpoint) =>
  (['unet', 'textEncoder', 'textEncoder2', 'vae'] as const).map((part) =>
    Array.from(checkpoint[part]?.weights.tensors.values() ?? []).reduce((sum, { shape }) => sum + elements(shape), 0),
  )

const write =
  (tensors: readonly TensorSpec[], metadata = {}) =>
  (at: string) =>
    writeSparse(`${at}.safetensors`, tensors, { metadata })
const xlFolder = { text: 'clip-l', text2: 'openclip-g' } as const
const xl = 'StableDiffusionXLPipeline'
const sum = (name: string) => golden[name]?.parameters ?? 0

interface Case {
  readonly write: (at: string) => string
  readonly family: Checkpoint['family']
  readonly unet: keyof typeof unets
  readonly is: string
  readonly variant?: Checkpoint['variant']
  readonly prediction?: Prediction
  /** Tensors of the files. */
  readonly tensors: number
}

const cases: Readonly<Record<string, Case>> = {
  'SD1.5 inpainting': {
    write: write(singleFiles.sd1('sd1-inpainting')),
    family: 'sd1',
    unet: 'sd1-inpainting',
    is: 'an SD1.x checkpoint',
    tensors: 686 + 248 + 197,
  },
  'SD2.1 at 768 pixels': {
    write: write(singleFiles.sd2(), { 'modelspec.architecture': 'stable-diffusion-v2-768-v' }),
    family: 'sd2',
    unet: 'sd2',
    is: 'an SD2.x checkpoint',
    prediction: 'v_prediction',
    tensors: 686 + 248 + 24 * 12 + 4 + 3,
  },
  'SD2.1 base as a folder': {
    write: (at) =>
      writeFolder(
        at,
        { unet: 'sd2', text: 'openclip-h' },
        { pipeline: 'StableDiffusionPipeline', prediction: 'epsilon' },
      ),
    family: 'sd2',
    unet: 'sd2',
    is: 'an SD2.x checkpoint in a diffusers folder',
    tensors: 686 + 248 + 372,
  },
  'SDXL base 1.0': {
    write: write(singleFiles.sdxl('sdxl')),
    family: 'sdxl',
    unet: 'sdxl',
    is: 'an SDXL checkpoint',
    tensors: 2515,
  },
  'SDXL base 1.0 as a folder in shards': {
    write: (at) => writeFolder(at, { unet: 'sdxl', ...xlFolder }, { pipeline: xl, sharded: true }),
    family: 'sdxl',
    unet: 'sdxl',
    is: 'an SDXL checkpoint in a diffusers folder',
    tensors: 1680 + 196 + 517 + 248,
  },
  'SDXL inpainting': {
    write: (at) =>
      writeFolder(at, { unet: 'sdxl-inpainting', ...xlFolder }, { pipeline: 'StableDiffusionXLInpaintPipeline' }),
    family: 'sdxl',
    unet: 'sdxl-inpainting',
    is: 'an SDXL checkpoint in a diffusers folder',
    tensors: 1680 + 196 + 517 + 248,
  },
  'SSD-1B for A1111': {
    write: write(singleFiles.sdxl('ssd-1b')),
    family: 'sdxl',
    unet: 'ssd-1b',
    is: 'an SSD-1B checkpoint',
    variant: 'ssd-1b',
    tensors: 944 + 248 + 197 + 390,
  },
  'SSD-1B as a folder': {
    write: (at) => writeFolder(at, { unet: 'ssd-1b', ...xlFolder }, { pipeline: xl }),
    family: 'sdxl',
    unet: 'ssd-1b',
    is: 'an SSD-1B checkpoint in a diffusers folder',
    variant: 'ssd-1b',
    tensors: 944 + 196 + 517 + 248,
  },
  'Segmind-Vega': {
    write: write(singleFiles.sdxl('vega')),
    family: 'sdxl',
    unet: 'vega',
    is: 'a Segmind-Vega checkpoint',
    variant: 'vega',
    tensors: 564 + 248 + 197 + 390,
  },
  'Segmind-Vega as a folder': {
    write: (at) => writeFolder(at, { unet: 'vega', ...xlFolder }, { pipeline: xl }),
    family: 'sdxl',
    unet: 'vega',
    is: 'a Segmind-Vega checkpoint in a diffusers folder',
    variant: 'vega',
    tensors: 564 + 196 + 517 + 248,
  },
  'LCM_Dreamshaper_v7 as one file': {
    write: write(singleFiles.sd1('lcm-dreamshaper')),
    family: 'sd1',
    unet: 'lcm-dreamshaper',
    is: 'an SD1.x checkpoint',
    tensors: 687 + 248 + 197,
  },
  LCM_Dreamshaper_v7: {
    write: (at) =>
      writeFolder(
        at,
        { unet: 'lcm-dreamshaper', text: 'clip-l' },
        { pipeline: 'LatentConsistencyModelPipeline', prediction: 'epsilon' },
      ),
    family: 'sd1',
    unet: 'lcm-dreamshaper',
    is: 'an SD1.x checkpoint in a diffusers folder',
    tensors: 687 + 196 + 248,
  },
}

describe.each(Object.entries(cases))('%s', (name, { variant = 'base', prediction = 'epsilon', ...expected }) => {
  const path = expected.write(join(folder, name))

  it('is detected and accounted for', async () => {
    const checkpoint = await openCheckpoint(path)
    expect(checkpoint).toMatchObject({ family: expected.family, variant, told: { training: { prediction } } })
    expect(checkpoint.unet?.config).toEqual(unets[expected.unet])
    const ldmH = sum('text openclip-h') + 12_596_224 // one layer more
    const text = { sd1: sum('text clip-l'), sd2: sum('text openclip-h'), sdxl: sum('text clip-l') }[expected.family]
    expect(parametersOf(checkpoint)).toEqual([
      sum(`unet ${expected.unet}`),
      name === 'SD2.1 at 768 pixels' ? ldmH : text,
      expected.family === 'sdxl' ? sum('text openclip-g') : 0,
      sum('vae'),
    ])
    expect(checkpoint.vae?.config.scaling).toBe(expected.family === 'sdxl' ? 0.13025 : 0.18215)
  })

  it('is built', async () => {
    expect(buildAll(await openCheckpoint(path))).toEqual(whole)
  })

  it('is named by inspect', async () => {
    const inspection = await inspectFile(path)
    expect(inspection).toMatchObject({
      kind: 'checkpoint',
      is: expected.is,
      variant,
      prediction,
      tensors: expected.tensors,
      guidanceEmbedding: expected.unet.startsWith('lcm'),
      inpainting: expected.unet.endsWith('inpainting'),
    })
    expect(inspection.parts.map((part) => part.name)).toEqual(
      expected.family === 'sdxl' ? ['unet', 'textEncoder', 'textEncoder2', 'vae'] : ['unet', 'textEncoder', 'vae'],
    )
    expect(inspection).not.toHaveProperty('problem')
  })
})

it('writes files that take no room on the drive', () => {
  const { size, blocks } = statSync(write(singleFiles.sdxl('sdxl'))(join(folder, 'sparse')))
  expect(size).toBeGreaterThan(6.9e9)
  expect(blocks * 512).toBeLessThan(5e6)
})

it('reads the text encoders of SDXL by its rules, whatever their names', async () => {
  const single = await openCheckpoint(cases['SDXL base 1.0']?.write(join(folder, 'towers')) ?? '')
  expect(single.textEncoder?.config).toEqual(texts['clip-l of sdxl'])
  expect(single.textEncoder2?.config).toEqual(texts['openclip-g'])
  const sd2 = await openCheckpoint(write(singleFiles.sd2())(join(folder, 'towers-2')))
  expect(sd2.textEncoder?.config).toEqual(texts['openclip-h whole'])
})

it('takes the rows of a fused in-projection as query, key and value', async () => {
  const { textEncoder2 } = await openCheckpoint(write(singleFiles.sdxl('vega'))(join(folder, 'fused')))
  const [query, key, value] = ['q', 'k', 'v'].map((name) =>
    textEncoder2?.weights.tensors.get(`text_model.encoder.layers.31.self_attn.${name}_proj.weight`),
  )
  const bytes = 2 * 1280 * 1280
  expect([query, key, value].map((ref) => [ref?.shape, ref?.byteLength])).toEqual(Array(3).fill([[1280, 1280], bytes]))
  expect([key?.offset, value?.offset]).toEqual([(query?.offset ?? 0) + bytes, (query?.offset ?? 0) + 2 * bytes])
})

describe('networks alone', () => {
  const lone = (name: string, tensors: readonly TensorSpec[]) => write(tensors)(join(folder, name))
  const clipL = lone('clip_l', diffusers(networks.text('clip-l')))
  const clipG = lone('clip_g', diffusers(networks.text('openclip-g')))
  const openClipG = lone('open_clip_g', ldm(networks.text('openclip-g')))
  const xlVae = lone('sdxl_vae', ldm(networks.vae()))
  const turbo = lone('sdxl_turbo_unet', ldm(networks.unet('sdxl')))

  test.each([
    ['lcm-sdxl', 'sdxl', 'base', 'whole'],
    ['lcm-sdxl', 'sdxl', 'base', 'in shards'],
    ['lcm-ssd-1b', 'sdxl', 'ssd-1b', 'whole'],
  ] as const)('%s (%s, %s) is a folder with a UNet, %s', async (name, family, variant, how) => {
    const path = writeLoneFolder(join(folder, `${name} ${how}`), name, how === 'in shards')
    const checkpoint = await openNetwork(path, 'unet')
    expect(checkpoint).toMatchObject({ family, variant, layout: 'diffusers' })
    expect(checkpoint.unet?.config).toEqual(unets[name])
    expect(buildAll(checkpoint)).toEqual(['prediction'])
    expect(await inspectFile(path)).toMatchObject({
      kind: 'unet',
      variant,
      guidanceEmbedding: true,
      layout: 'diffusers',
    })
    await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'mismatch' })
  })

  test('a UNet under either naming, or in a checkpoint', async () => {
    const inside = write(singleFiles.sdxl('sdxl'))(join(folder, 'inside'))
    const same = lone('diffusers_unet', diffusers(networks.unet('sdxl')))
    for (const path of [turbo, same, inside]) {
      expect((await openNetwork(path, 'unet')).unet?.config).toEqual(unets.sdxl)
    }
    expect(await inspectFile(turbo)).toMatchObject({ kind: 'unet', is: 'the UNet of an SDXL model alone' })
  })

  test('a VAE, whose scaling is what its name or its folder says, else what it is loaded as', async () => {
    const scalingOf = async (...of: Parameters<typeof openNetwork>) => (await openNetwork(...of)).vae?.config.scaling
    const nameless = lone('vae', ldm(networks.vae()))
    expect([await scalingOf(nameless, 'vae'), await scalingOf(nameless, 'vae', 'sdxl')]).toEqual([0.18215, 0.13025])
    expect(await scalingOf(xlVae, 'vae')).toBe(0.13025)
    expect(await scalingOf(lone('vae-ft-mse-840000', ldm(networks.vae())), 'vae', 'sdxl')).toBe(0.18215)
    const inFolder = writeSparse(
      join(folder, 'f16-fix', 'diffusion_pytorch_model.safetensors'),
      diffusers(networks.vae()),
    )
    writeFileSync(join(inFolder, '../config.json'), '{"scaling_factor":0.13025}')
    expect(await scalingOf(dirname(inFolder), 'vae')).toBe(0.13025)
    expect(await inspectFile(dirname(inFolder))).toMatchObject({ kind: 'vae', family: 'SDXL' })
    expect(buildAll(await openNetwork(xlVae, 'vae'))).toEqual(['mean,logvar', 'image'])
  })

  test('text encoders: one, or two in either order', async () => {
    const one = await openTextEncoders(clipL)
    expect([one.family, one.textEncoder?.config]).toEqual(['sd1', texts['clip-l']])
    for (const second of [clipG, openClipG]) {
      const [a, b] = [await openTextEncoders(clipL, second), await openTextEncoders(second, clipL)]
      for (const both of [a, b]) {
        expect([both.family, both.textEncoder?.config]).toEqual(['sdxl', texts['clip-l of sdxl']])
        expect(both.textEncoder2?.config).toMatchObject({ width: 1280, layers: 32, skip: 2 })
        expect(buildAll(both)).toEqual(['context,pooled'])
      }
    }
    await expect(openTextEncoders(clipG)).rejects.toMatchObject({
      message: expect.stringContaining('the first is missing'),
    })
    await expect(openTextEncoders(clipL, clipL)).rejects.toMatchObject({
      message: expect.stringContaining('not the two text encoders'),
    })
  })

  test('are refused by name where another is asked for', async () => {
    await expect(openNetwork(xlVae, 'unet')).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringContaining('cannot be opened as a UNet: it is a VAE alone'),
      hint: expect.stringContaining('Load VAE'),
    })
    await expect(openNetwork(turbo, 'text-encoder')).rejects.toThrow(
      /as a text encoder: it is the UNet of an SDXL model/,
    )
    await expect(openCheckpoint(clipG)).rejects.toThrow(/second text encoder of SDXL \(OpenCLIP-G\) alone/)
    await expect(openNetwork(clipL, 'vae')).rejects.toThrow(
      /as a VAE: it is the text encoder of SD1\.x, and first one of SDXL/,
    )
  })
})
