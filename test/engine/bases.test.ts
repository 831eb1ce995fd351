import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UnetConfig } from '#engine/models/config.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { unet as unetKind } from '#engine/models/keys/unet.ts'
import { documentOf, type EngineRun, EngineRunner, labels, pixelsOf, type RunSettings } from '../engine-runner.ts'
import { writeAsFolder } from '../fixtures/golden-folder.ts'
import { goldenTensors, temporaryFolder } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { writeTensors } from '../tensor-file.ts'

type Shapes = Readonly<Record<string, readonly number[]>>
type Nodes = Parameters<typeof documentOf>[0]

const folder = temporaryFolder()
const unetPrefix = 'model.diffusion_model.'
const unetShapes = (config: UnetConfig): Shapes =>
  Object.fromEntries(Array.from(unetKind.tensors(config), ({ ldm, shape }) => [`${unetPrefix}${ldm}`, shape]))

/** An SDXL of two levels, one without attention. */
const xlUnet: UnetConfig = {
  inChannels: 4,
  outChannels: 4,
  channels: 64,
  levels: [
    { channels: 64, heads: 1, down: [0, 0], up: [0, 0, 0] },
    { channels: 64, heads: 1, down: [2, 2], up: [2, 2, 2] },
  ],
  middle: { residualBlocks: 2, depth: 2 },
  linearProjection: true,
  contextWidth: 128,
  vectorWidth: 1600,
}
const { vectorWidth: _, ...unconditioned } = xlUnet
/** SSD-1B leaves blocks of SDXL out: all attention in the middle, others here and there. */
const ssdUnet: UnetConfig = {
  ...xlUnet,
  levels: xlUnet.levels.map((level, i) => (i === 1 ? { ...level, up: [2, 1, 1] } : level)),
  middle: { residualBlocks: 1, depth: 0 },
}
/** Its text encoders and VAE are those of the golden. */
const rest = only(readGolden<{ weights: Shapes }>('pipeline-sdxl').json.weights, /^(conditioner|first_stage_model)\./)
const xl: Shapes = { ...unetShapes(xlUnet), ...rest }

function write(name: string, shapes: Shapes, values: { salt?: number; factor?: number } = {}): void {
  const tensors = goldenTensors(shapes, values.salt ?? 0)
  const { factor = 1 } = values
  writeTensors(
    join(folder, `${name}.safetensors`),
    tensors.map((tensor) => ({ ...tensor, values: tensor.values.map((value) => factor * value) })),
    'F16',
    { 'modelspec.resolution': '64x64' },
  )
}

/** The entries whose names match, changed. */
function only(shapes: Shapes, pattern: RegExp, rename: (name: string) => string = (name) => name): Shapes {
  const chosen = Object.entries(shapes).filter(([name]) => pattern.test(name))
  return Object.fromEntries(chosen.map(([name, shape]) => [rename(name), shape]))
}

/** kohya's LoRA of SDXL, which changes every layer: sgm's names in the UNet, transformers' in both text encoders. */
async function kohyaLora(): Promise<Shapes> {
  const { textEncoder, textEncoder2 } = await openCheckpoint(join(folder, 'sdxl.safetensors'))
  const unet = Object.entries(only(xl, /^model\.diffusion_model\./, (name) => name.slice(unetPrefix.length)))
  const layers = [
    ...unet.map(([name, shape]) => [`lora_unet.${name}`, shape] as const),
    ...Array.from(textEncoder?.weights.tensors ?? [], ([name, { shape }]) => [`lora_te1.${name}`, shape] as const),
    ...Array.from(textEncoder2?.weights.tensors ?? [], ([name, { shape }]) => [`lora_te2.${name}`, shape] as const),
  ]
  const pairs = layers.flatMap(([name, [out = 0, ...rest]]) => {
    if (rest.length === 0 || !name.endsWith('.weight') || name.includes('embedding.weight')) return []
    const module = name.replace(/\.weight$/, '').replaceAll('.', '_')
    const up = [out, 2, ...rest.slice(1).map(() => 1)]
    return [[`${module}.lora_down.weight`, [2, ...rest]] as const, [`${module}.lora_up.weight`, up] as const]
  })
  return Object.fromEntries(pairs)
}

const drawing = (file: string, changes: Nodes = {}, sampler: Nodes[string][1] = {}) =>
  documentOf({
    checkpoint: ['checkpoint', { file }],
    prompt: ['prompt', { clip: '-> checkpoint.clip', text: 'a red fox' }],
    empty: ['empty-latent', { width: 64, height: 64, batch: 1 }],
    scheduler: ['lcm-scheduler', { steps: 1 }],
    sampler: [
      'sampler',
      {
        model: '-> checkpoint.model',
        positive: '-> prompt.conditioning',
        latent: '-> empty.latent',
        scheduler: '-> scheduler.scheduler',
        seed: '5',
        guidance: 1,
        ...sampler,
      },
    ],
    decode: ['vae-decode', { vae: '-> checkpoint.vae', latent: '-> sampler.latent' }],
    save: ['save-image', { image: '-> decode.image', prefix: 'base' }],
    ...changes,
  })

const lora: Nodes = {
  lora: ['lora', { model: '-> checkpoint.model', clip: '-> checkpoint.clip', file: 'lora.safetensors' }],
  prompt: ['prompt', { clip: '-> lora.clip', text: 'a red fox' }],
}
const withLora = (file: string, more: Nodes = {}) => drawing(file, { ...lora, ...more }, { model: '-> lora.model' })
const strengths = (strength: number) => ({ 'lora.modelStrength': `${strength}`, 'lora.clipStrength': `${strength}` })

let runner: EngineRunner
const pixels = async (run: EngineRun) => Buffer.concat(await pixelsOf(run))
const draw = async (document: string, settings: RunSettings = {}) => pixels(await runner.run(document, settings))

const openClip = 'conditioner.embedders.1.model.'
/** Networks of the golden as files of their own, by what stands before their names in the whole one. */
const parts = {
  unet: unetPrefix,
  clip_l: 'conditioner.embedders.0.transformer.',
  clip_g: openClip,
  sdxl_vae: 'first_stage_model.',
}

beforeAll(async () => {
  const tensors = goldenTensors(xl, 0)
  for (const [name, prefix] of Object.entries(parts)) {
    const own = tensors.filter((tensor) => tensor.name.startsWith(prefix))
    const renamed = own.map((tensor) => ({ ...tensor, name: tensor.name.slice(prefix.length) }))
    writeTensors(join(folder, `${name}.safetensors`), renamed)
  }
  write('sdxl', xl)
  await writeAsFolder(join(folder, 'sdxl.safetensors'), join(folder, 'sdxl-folder'))
  write('lora', await kohyaLora(), { salt: 3, factor: 0.3 })
  write('lcm-sdxl', { ...unetShapes({ ...xlUnet, guidanceWidth: 256 }), ...rest })
  write('ssd-1b', { ...unetShapes(ssdUnet), ...rest })
  write('sd2', {
    ...unetShapes({ ...unconditioned, contextWidth: 64 }),
    ...only(rest, /^conditioner\.embedders\.1\.model\./, (name) => name.replace(openClip, 'cond_stage_model.model.')),
    ...only(rest, /^first_stage_model\./),
  })
  runner = new EngineRunner(folder)
})
afterAll(() => runner?.close())

describe('SDXL', () => {
  it('draws the same from a single file, a folder with shards, and networks of their own', async () => {
    const single = await draw(drawing('sdxl.safetensors'))
    const separate: Nodes = {
      checkpoint: ['unet-loader', { file: 'unet.safetensors' }],
      clip: ['text-encoder-loader', { file: 'clip_l.safetensors', file2: 'clip_g.safetensors' }],
      vae: ['vae-loader', { file: 'sdxl_vae.safetensors' }],
      prompt: ['prompt', { clip: '-> clip.clip', text: 'a red fox' }],
      decode: ['vae-decode', { vae: '-> vae.vae', latent: '-> sampler.latent' }],
    }
    expect(await draw(drawing('sdxl-folder'))).toEqual(single)
    expect(await draw(drawing('unet.safetensors', separate))).toEqual(single)
  })

  it("takes every module of kohya's LoRA with sgm's names, live and folded, whatever the layout", async () => {
    const folded = await runner.run(withLora('sdxl.safetensors'), { set: strengths(0.8) })
    expect(folded.events.filter(({ type }) => type === 'warning')).toEqual([])
    expect(await draw(withLora('sdxl-folder'), { set: strengths(0.8) })).toEqual(await pixels(folded))
    const live = await draw(withLora('sdxl.safetensors'), { set: strengths(0.8), strengths: 'live' })
    expect(largestDifference(live, await pixels(folded))).toBeLessThanOrEqual(1)
    const none = await draw(drawing('sdxl.safetensors'))
    expect(await draw(withLora('sdxl.safetensors'), { set: strengths(0) })).toEqual(none)
    expect(largestDifference(live, none)).toBeGreaterThan(5)
  })

  it('varies the strength of a LoRA along an axis in one session', async () => {
    const grid: Nodes = {
      grid: [
        'xy-grid',
        {
          image: '-> decode.image',
          x: 'lora.modelStrength',
          xValues: '0.1, 0.2, 0.3',
          y: 'sampler.seed',
          yValues: '1,2',
        },
      ],
      save: ['save-image', { image: '-> grid.image', prefix: 'grid' }],
    }
    const run = await runner.run(withLora('sdxl.safetensors', grid), { strengths: 'auto' })
    expect(run.images).toHaveLength(1)
    // or none, where a live one is left from before
    expect(labels(run, 'load').filter((label) => label.startsWith('UNet')).length).toBeLessThan(2)
    expect(labels(run, 'sample')).toHaveLength(6)
  })

  it('reads its prompts from the second to last layer, so that CLIP skip 2 changes nothing', async () => {
    const skipping = (clipSkip: number) =>
      draw(
        drawing('sdxl.safetensors', {
          skip: ['clip-skip', { clip: '-> checkpoint.clip', clipSkip }],
          prompt: ['prompt', { clip: '-> skip.clip', text: 'a red fox' }],
        }),
      )
    expect(await skipping(2)).toEqual(await skipping(1))
  })
})

describe('its relatives', () => {
  it('SSD-1B draws as a whole file', async () => {
    expect(await draw(drawing('ssd-1b.safetensors'))).not.toEqual(await draw(drawing('sdxl.safetensors')))
  })

  it('a full LCM of SDXL takes the guidance scale, and needs no negative prompt', async () => {
    const guided = (guidance: number) => runner.run(drawing('lcm-sdxl.safetensors', {}, { guidance }))
    const [weak, strong] = [await guided(2), await guided(8)]
    expect(await pixels(weak)).not.toEqual(await pixels(strong))
    expect(labels(weak, 'encode')).toHaveLength(1)
  })

  it('SD2 predicts the velocity unless told otherwise', async () => {
    const told = (prediction: string) =>
      draw(drawing('sd2.safetensors'), { set: { 'checkpoint.prediction': prediction } })
    const velocity = await draw(drawing('sd2.safetensors'))
    expect(await told('v_prediction')).toEqual(velocity)
    expect(await told('epsilon')).not.toEqual(velocity)
  })
})
