import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ModelKind } from '#core/formats/identify.ts'
import type { TensorSpec } from '#core/formats/safetensors.ts'
import { inspectFile } from '#engine/inspect.ts'
import { taesd } from '#engine/models/keys/taesd.ts'
import { diffusers, ldm, networks, singleFiles, writeFolder, writeLoneFolder } from '../fixtures/published.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { specsOf, writeSparse } from '../sparse.ts'

const folder = temporaryFolder()

type Shapes = Readonly<Record<string, readonly number[]>>

interface Case {
  readonly file: string
  readonly write: (at: string) => unknown
  readonly kind: ModelKind
  readonly is: RegExp
  readonly family?: string
  /** What more the inspection tells. */
  readonly more?: object
  /** Nothing can be done with it here. */
  readonly problem?: RegExp
}

const specs = (tensors: readonly TensorSpec[]) => (at: string) => writeSparse(at, tensors)
const shapes = (tensors: Shapes) => specs(specsOf(tensors))
const tiny = (halves: readonly ('encoder' | 'decoder')[]) =>
  Array.from(taesd.tensors({ kind: 'taesd', latentChannels: 4, channels: 64, halves, scaling: 1 }))
const partsOf = (...names: readonly string[]) => ({ parts: names.map((name) => expect.objectContaining({ name })) })
const xlFolder = { unet: 'sdxl', text: 'clip-l', text2: 'openclip-g' } as const

const cases: readonly Case[] = [
  {
    file: 'SDXL in shards',
    write: (at) => writeFolder(at, xlFolder, { pipeline: 'StableDiffusionXLPipeline', sharded: true }),
    kind: 'checkpoint',
    is: /an SDXL checkpoint in a diffusers folder/,
    family: 'SDXL',
    more: { variant: 'base', layout: 'diffusers', ...partsOf('unet', 'textEncoder', 'textEncoder2', 'vae') },
  },
  {
    file: 'full LCM in shards',
    write: (at) => writeLoneFolder(at, 'lcm-ssd-1b', true),
    kind: 'unet',
    is: /the UNet of an SSD-1B model alone/,
    family: 'SDXL',
    more: { variant: 'ssd-1b', guidanceEmbedding: true, ...partsOf('unet') },
  },
  {
    file: 'unet.safetensors',
    write: specs(ldm(networks.unet('sd2'))),
    kind: 'unet',
    is: /the UNet of an SD2\.x model alone/,
    family: 'SD2.x',
    more: partsOf('unet'),
  },
  {
    file: 'clip_l.safetensors',
    write: specs(diffusers(networks.text('clip-l'))),
    kind: 'text-encoder',
    is: /text encoder of SD1\.x, and first one of SDXL/,
    more: partsOf('textEncoder'),
  },
  {
    file: 'clip_h.safetensors',
    write: specs(diffusers(networks.text('openclip-h'))),
    kind: 'text-encoder',
    is: /text encoder of SD2\.x/,
    family: 'SD2.x',
    more: partsOf('textEncoder'),
  },
  {
    file: 'clip_g.safetensors',
    write: specs(ldm(networks.text('openclip-g'))),
    kind: 'text-encoder',
    is: /second text encoder of SDXL/,
    family: 'SDXL',
    more: partsOf('textEncoder2'),
  },
  {
    file: 'sdxl_vae.safetensors',
    write: specs(ldm(networks.vae())),
    kind: 'vae',
    is: /a VAE alone/,
    family: 'SDXL',
    more: partsOf('vae'),
  },
  {
    file: 'some_vae.safetensors',
    write: specs(diffusers(networks.vae())),
    kind: 'vae',
    is: /a VAE alone/,
    more: partsOf('vae'),
  },
  {
    file: 'taesd.safetensors',
    write: specs(diffusers(tiny(['encoder', 'decoder']))),
    kind: 'preview-decoder',
    is: /a tiny autoencoder \(TAESD\) alone/,
    family: 'SD1.x',
    more: { parts: [{ name: 'vae', config: { kind: 'taesd', halves: ['encoder', 'decoder'] } }] },
  },
  {
    file: 'taesdxl_encoder.safetensors',
    write: specs(ldm(tiny(['encoder']))),
    kind: 'preview-decoder',
    is: /a tiny autoencoder \(TAESD\) alone/,
    family: 'SDXL',
    more: { parts: [{ name: 'vae', config: { kind: 'taesd', halves: ['encoder'] } }] },
  },
  {
    file: 'embedding.safetensors',
    write: shapes({ emb_params: [3, 768] }),
    kind: 'embedding',
    is: /a textual-inversion embedding/,
    more: { embedding: { base: 'SD1.x', vectors: 3 } },
  },
  {
    file: 'embedding of SDXL.safetensors',
    write: shapes({ clip_l: [2, 768], clip_g: [2, 1280] }),
    kind: 'embedding',
    is: /a textual-inversion embedding/,
    more: { embedding: { base: 'SDXL', vectors: 2 } },
  },
  {
    file: 'lora of norms.safetensors',
    write: shapes({
      'lora_unet_mid_block_attentions_0_norm.w_norm': [1280],
      'lora_unet_mid_block_attentions_0_norm.b_norm': [1280],
    }),
    kind: 'adapter',
    is: /an adapter/,
    more: { adapter: { kinds: ['norm'], modules: 2, fit: { fits: true, matched: 2, total: 2 } } },
  },
  {
    file: 'lora of VeRA.safetensors',
    write: shapes({ 'base_model.model.conv_in.vera_lambda_b': [320] }),
    kind: 'adapter',
    is: /an adapter/,
    more: { adapter: { kinds: ['VeRA (PEFT)'], modules: 0 } },
    problem: /VeRA/,
  },
  {
    file: 'refiner.safetensors',
    write: shapes({
      'model.diffusion_model.input_blocks.0.0.weight': [384, 4, 3, 3],
      'model.diffusion_model.label_emb.0.0.weight': [1536, 2560],
      'model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight': [768, 1280],
    }),
    kind: 'checkpoint',
    is: /an SDXL refiner/,
    family: 'SDXL refiner',
    problem: /cannot be opened as a checkpoint/,
  },
  {
    file: 'flux.safetensors',
    write: shapes({ 'double_blocks.0.img_attn.qkv.weight': [9216, 3072] }),
    kind: 'checkpoint',
    is: /the Flux architecture/,
    family: 'Flux',
    problem: /the Flux architecture/,
  },
  {
    file: 'VAE-approx model.safetensors',
    write: shapes(
      Object.fromEntries(
        Array.from({ length: 16 }, (_, i) => [`conv${(i >> 1) + 1}.${i % 2 ? 'bias' : 'weight'}`, [8]]),
      ),
    ),
    kind: 'unknown',
    is: /an approximate decoder of AUTOMATIC1111/,
    problem: /an approximate decoder of AUTOMATIC1111/,
  },
  {
    file: 'hypernetwork.safetensors',
    write: shapes({ '768.0.linear.0.weight': [1536, 768], '768.1.linear.0.weight': [1536, 768] }),
    kind: 'unknown',
    is: /a hypernetwork/,
    problem: /a hypernetwork/,
  },
  {
    file: 'controlnet.safetensors',
    write: shapes({ 'control_model.zero_convs.0.0.weight': [320, 320, 1, 1] }),
    kind: 'controlnet',
    is: /a ControlNet/,
    problem: /a ControlNet/,
  },
]

describe('inspect names', () => {
  const base = writeSparse(join(folder, 'base.safetensors'), singleFiles.sd1('sd1'))

  it.each(cases)('$file', async ({ file, write, kind, is, family, more = {}, problem }) => {
    const path = join(folder, file)
    write(path)
    const inspection = await inspectFile(path, kind === 'adapter' ? base : undefined)
    expect(inspection).toMatchObject({ kind, is: expect.stringMatching(is), ...more })
    expect(inspection.family).toBe(family)
    if (problem)
      expect(inspection.problem).toMatchObject({ message: expect.stringMatching(problem), hint: expect.any(String) })
    else expect(inspection).not.toHaveProperty('problem')
    expect(JSON.parse(JSON.stringify(inspection))).toEqual(inspection)
  })

  it('holds an adapter against a network alone as well', async () => {
    const keys = 'lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k'
    const lora = shapes({ [`${keys}.lora_down.weight`]: [4, 768], [`${keys}.lora_up.weight`]: [1280, 4] })(
      join(folder, 'lora'),
    )
    const unet = writeSparse(join(folder, 'sd1-unet.safetensors'), diffusers(networks.unet('sd1')))
    const { adapter } = await inspectFile(lora, unet)
    expect(adapter).toMatchObject({ base: 'SD1.x (context 768)', fit: { checkpoint: unet, fits: true, matched: 1 } })
  })
})

describe('inspect refuses', () => {
  const whole = () => readFileSync(writeSparse(join(folder, 'whole'), specsOf({ emb_params: [3, 768] })))
  const zip = Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(60)])
  const files: readonly (readonly [file: string, bytes: () => Uint8Array, code: string, message: RegExp])[] = [
    ['cut off.safetensors', () => whole().subarray(0, -100), 'parse', /is cut off/],
    ['cut in the header.safetensors', () => whole().subarray(0, 40), 'parse', /header claims/],
    ['empty.safetensors', () => new Uint8Array(), 'parse', /is empty/],
    ['model.ckpt', () => zip, 'parse', /zip file is damaged or cut off/],
    ['old.pt', () => Uint8Array.of(0x80, 2, 0x7d, 0x71, 0, 0x2e), 'unsupported', /PyTorch pickle/],
    ['page.safetensors', () => Buffer.from('<!DOCTYPE html><html></html>'), 'parse', /a web page/],
  ]

  it.each(files)('%s', async (file, bytes, code, message) => {
    const path = join(folder, file)
    writeFileSync(path, bytes())
    await expect(inspectFile(path)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.any(String),
    })
  })

  it('a folder without networks', async () => {
    const path = join(folder, 'nothing')
    mkdirSync(path)
    await expect(inspectFile(path)).rejects.toMatchObject({ code: 'not-found' })
  })
})
