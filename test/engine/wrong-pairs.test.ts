import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentOf, EngineRunner, labels } from '../engine-runner.ts'
import { diffusers, ldm, networks, singleFiles, type unets } from '../fixtures/published.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { specsOf, writeSparse } from '../sparse.ts'

const folder = temporaryFolder()
const at = (name: string) => join(folder, `${name}.safetensors`)

/** A LoRA on all attention of a UNet, under the names that kohya's trainer gives it for its family. */
function writeLora(name: string, unet: keyof typeof unets, names: 'name' | 'ldm'): void {
  const shapes = networks.unet(unet).flatMap((tensor) => {
    const [out = 0, ...rest] = tensor.shape
    if (rest.length === 0 || !/attn[12]/.test(tensor.name)) return []
    const path = `lora_unet_${tensor[names].replace(/\.weight$/, '').replaceAll('.', '_')}`
    return [[`${path}.lora_down.weight`, [4, ...rest]] as const, [`${path}.lora_up.weight`, [out, 4]] as const]
  })
  writeSparse(at(name), specsOf(Object.fromEntries(shapes)))
}

type Nodes = Parameters<typeof documentOf>[0]

/** Draws with a checkpoint; `changes` are more nodes, or others. */
const drawing = (file: string, changes: Nodes, sampler: Nodes[string][1] = {}) =>
  documentOf({
    checkpoint: ['checkpoint', { file: `${file}.safetensors` }],
    prompt: ['prompt', { clip: '-> checkpoint.clip', text: 'a fox' }],
    empty: ['empty-latent', { width: 64, height: 64, batch: 1 }],
    scheduler: ['lcm-scheduler', { steps: 1 }],
    sampler: [
      'sampler',
      {
        model: '-> checkpoint.model',
        positive: '-> prompt.conditioning',
        latent: '-> empty.latent',
        scheduler: '-> scheduler.scheduler',
        seed: '1',
        ...sampler,
      },
    ],
    decode: ['vae-decode', { vae: '-> checkpoint.vae', latent: '-> sampler.latent' }],
    save: ['save-image', { image: '-> decode.image', prefix: 'never' }],
    ...changes,
  })

const withLora = (checkpoint: string, lora: string) =>
  drawing(
    checkpoint,
    { lora: ['lora', { model: '-> checkpoint.model', file: `${lora}.safetensors` }] },
    { model: '-> lora.model' },
  )
const other = (file: string): Nodes => ({ other: ['checkpoint', { file: `${file}.safetensors` }] })
const [sd1, sd2, xl] = ['Stable Diffusion 1.x', 'Stable Diffusion 2.x', 'Stable Diffusion XL']

const pairs: Readonly<Record<string, readonly [document: string, place: string, ...named: readonly string[]]>> = {
  'a LoRA of SDXL on SD1.5': [withLora('sd1', 'xl-lora'), 'lora.file', sd1, xl],
  'a LoRA of SD1.5 on SDXL': [withLora('xl', 'sd1-lora'), 'lora.file', sd1, xl],
  'a LoRA of SSD-1B on SDXL': [withLora('xl', 'ssd-lora'), 'lora.file', 'SSD-1B', xl],
  'a LoRA of SDXL on SSD-1B': [withLora('ssd', 'xl-lora'), 'lora.file', 'SSD-1B', xl],
  'the text encoder of SD1.5 with SDXL': [
    drawing('xl', { ...other('sd1'), prompt: ['prompt', { clip: '-> other.clip', text: 'a fox' }] }),
    'sampler.positive',
    sd1,
    xl,
  ],
  'CLIP-L alone with a UNet of SDXL': [
    drawing('xl', {
      clip: ['text-encoder-loader', { file: 'clip_l.safetensors' }],
      prompt: ['prompt', { clip: '-> clip.clip', text: 'a fox' }],
    }),
    'sampler.positive',
    sd1,
    xl,
  ],
  'the text encoder of SD2.1 with SDXL': [
    drawing('xl', { ...other('sd2'), prompt: ['prompt', { clip: '-> other.clip', text: 'a fox' }] }),
    'sampler.positive',
    sd2,
    xl,
  ],
  'the VAE of SD1.5 after SDXL': [
    drawing('xl', { ...other('sd1'), decode: ['vae-decode', { vae: '-> other.vae', latent: '-> sampler.latent' }] }),
    'decode.vae',
    sd1,
    xl,
  ],
  'a VAE file that is known by its name': [
    drawing('sd1', {
      vae: ['vae-loader', { file: 'sdxl_vae.safetensors' }],
      decode: ['vae-decode', { vae: '-> vae.vae', latent: '-> sampler.latent' }],
    }),
    'decode.vae',
    sd1,
    xl,
  ],
  'a VAE file that is told to be of SD1.x': [
    drawing('xl', {
      vae: ['vae-loader', { file: 'vae.safetensors', scaling: 'sd1' }],
      decode: ['vae-decode', { vae: '-> vae.vae', latent: '-> sampler.latent' }],
    }),
    'decode.vae',
    sd1,
    xl,
  ],
  'a latent of SD1.5 in SDXL': [
    drawing(
      'xl',
      {
        ...other('sd1'),
        text: ['prompt', { clip: '-> other.clip', text: 'a fox' }],
        first: [
          'sampler',
          {
            model: '-> other.model',
            positive: '-> text.conditioning',
            latent: '-> empty.latent',
            scheduler: '-> scheduler.scheduler',
          },
        ],
      },
      { latent: '-> first.latent', strength: 0.5 },
    ),
    'sampler.latent',
    sd1,
    xl,
  ],
}

describe('of a wrong pair', () => {
  let runner: EngineRunner
  beforeAll(() => {
    writeSparse(at('sd1'), singleFiles.sd1('sd1'))
    writeSparse(at('sd2'), singleFiles.sd2())
    writeSparse(at('xl'), singleFiles.sdxl('sdxl'))
    writeSparse(at('ssd'), singleFiles.sdxl('ssd-1b'))
    writeSparse(at('clip_l'), diffusers(networks.text('clip-l')))
    for (const name of ['vae', 'sdxl_vae']) writeSparse(at(name), ldm(networks.vae()))
    writeLora('sd1-lora', 'sd1', 'name')
    writeLora('xl-lora', 'sdxl', 'ldm')
    writeLora('ssd-lora', 'ssd-1b', 'name')
    runner = new EngineRunner(folder)
  })
  afterAll(() => runner?.close())

  it.each(Object.entries(pairs))(
    '%s, both are named before anything is loaded',
    async (_, [document, place, ...named]) => {
      const { problems } = await runner.engine.validate({ document, folders: [], overrides: [] })
      const [problem] = problems
      expect(problems.map(({ node, input }) => `${node}.${input}`)).toEqual([place])
      for (const name of named) expect(problem?.message).toContain(name)
      expect(problem?.hint).toMatch(/\.$/)
      const { error, problems: refused, events } = await runner.failure(document)
      expect([error.code, refused.map(({ message }) => message)]).toEqual(['invalid', [problem?.message]])
      expect(labels({ events }, 'load')).toEqual([])
    },
  )

  it('that may be right, a VAE of no known family after SDXL, the run is warned', async () => {
    const document = drawing('xl', {
      vae: ['vae-loader', { file: 'vae.safetensors' }],
      decode: ['vae-decode', { vae: '-> vae.vae', latent: '-> sampler.latent' }],
    })
    const { problems, advice } = await runner.engine.validate({ document, folders: [], overrides: [] })
    expect(problems).toEqual([])
    const there = advice.filter(({ node }) => node === 'decode')
    expect(there).toMatchObject([{ node: 'decode', input: 'vae', hint: expect.stringContaining('scaling') }])
  })

  it('the VAE of SD1.5 after SD2.1 is none', async () => {
    const document = drawing('sd2', {
      ...other('sd1'),
      decode: ['vae-decode', { vae: '-> other.vae', latent: '-> sampler.latent' }],
    })
    const { problems, advice } = await runner.engine.validate({ document, folders: [], overrides: [] })
    expect([problems, advice.filter(({ node }) => node === 'decode')]).toEqual([[], []])
  })

  it.each([
    ['sd2', 24, 0],
    ['xl', 13, 1],
  ])('of %s and CLIP skip %d, what its text encoders have decides', async (file, clipSkip, count) => {
    const document = drawing(file, {
      skip: ['clip-skip', { clip: '-> checkpoint.clip', clipSkip }],
      prompt: ['prompt', { clip: '-> skip.clip', text: 'a fox' }],
    })
    const { problems } = await runner.engine.validate({ document, folders: [], overrides: [] })
    expect(problems).toHaveLength(count)
    if (count > 0) expect(problems[0]).toMatchObject({ node: 'skip', input: 'clipSkip', code: 'range' })
  })
})
