import { describe, expect, it } from 'vitest'
import { readGolden } from '#test/goldens.ts'
import type { NetworkKind, PartFile } from './network-kind.ts'
import { readNetwork } from './network-kind.ts'
import { textEncoder } from './text-encoder.ts'
import { unet } from './unet.ts'
import { vae } from './vae.ts'

type Shapes = Readonly<Record<string, readonly number[]>>

interface NetworkCase {
  readonly weights: Shapes
}

function part(naming: PartFile['naming'], shapes: Shapes, json?: unknown): PartFile {
  const refs = Object.entries(shapes).map(
    ([name, shape]) => [name, { file: '/a', name, dtype: 'F16', shape, offset: 0, byteLength: 0 }] as const,
  )
  return { naming, tensors: new Map(refs), json }
}

function goldenShapes(golden: string, prefix: string): Shapes {
  const { weights } = readGolden<NetworkCase>(golden).json
  const inside = Object.entries(weights).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(inside.map(([name, shape]) => [name.slice(prefix.length), shape]))
}

const unetPrefix = 'model.diffusion_model.'

/** The same tensors under diffusers' names. */
function renamed<Config>(kind: NetworkKind<Config>, config: Config): Record<string, readonly number[]> {
  return Object.fromEntries(Array.from(kind.tensors(config), ({ name, shape }) => [name, shape]))
}

describe('UNet', () => {
  const shapes = goldenShapes('unet-sd15', unetPrefix)
  const { config } = readNetwork(unet, part('ldm', shapes)).network

  it('maps every diffusers name to the LDM name that diffusers maps it to', () => {
    const { diffusers_to_ldm } = readGolden<{ diffusers_to_ldm: Record<string, string> }>('lora').json
    const ours = Array.from(unet.tensors(config), ({ name, ldm }) => [name, unetPrefix + ldm] as const)
    expect(Object.fromEntries(ours)).toEqual(diffusers_to_ldm)
  })

  it('knows the shape of every tensor', () => {
    const ours = Array.from(unet.tensors(config), ({ ldm, shape }) => [ldm, shape] as const)
    expect(Object.fromEntries(ours)).toEqual(shapes)
  })

  it('reads the same config from either naming', () => {
    expect(config).toEqual({
      inChannels: 4,
      outChannels: 4,
      channels: 32,
      levels: [
        { channels: 32, blocks: 2, depth: 1 },
        { channels: 64, blocks: 2, depth: 1 },
        { channels: 128, blocks: 2, depth: 1 },
        { channels: 128, blocks: 2, depth: 0 },
      ],
      middleDepth: 1,
      heads: 8,
      contextWidth: 64,
    })
    expect(readNetwork(unet, part('diffusers', renamed(unet, config))).network.config).toEqual(config)
  })

  it.each([
    { blocks: 1, depths: [0, 1] },
    { blocks: 3, depths: [1, 0, 2] },
    { blocks: 2, depths: [1] },
  ])('reads $blocks blocks on levels with depths $depths in either naming', ({ blocks, depths }) => {
    const levels = depths.map((depth, i) => ({ channels: 64 * (i + 1), blocks, depth }))
    const odd = { ...config, inChannels: 9, channels: 48, levels, middleDepth: 2, guidanceWidth: 256 }
    const ldm = Object.fromEntries(Array.from(unet.tensors(odd), (tensor) => [tensor.ldm, tensor.shape]))
    expect(readNetwork(unet, part('ldm', ldm)).network.config).toEqual(odd)
    expect(readNetwork(unet, part('diffusers', renamed(unet, odd))).network.config).toEqual(odd)
  })

  it('finds the guidance embedding of a full LCM', () => {
    const lcm = readNetwork(unet, part('ldm', goldenShapes('unet-lcm-w', unetPrefix))).network
    expect(lcm.config).toEqual({ ...config, guidanceWidth: 256 })
    expect(lcm.weights.tensors.get('time_embedding.cond_proj.weight')?.shape).toEqual([32, 256])
  })

  it('takes the heads from config.json, where diffusers calls them attention_head_dim', () => {
    const read = (json: unknown) => readNetwork(unet, part('diffusers', renamed(unet, config), json)).network.config
    expect(read({ attention_head_dim: 4 }).heads).toBe(4)
    expect(read({ attention_head_dim: 4, num_attention_heads: 16 }).heads).toBe(16)
    expect(read({ attention_head_dim: [8, 8, 8, 8] }).heads).toBe(8)
    expect(() => read({ attention_head_dim: [5, 10, 20, 20] })).toThrow(/5, 10, 20, 20 heads/)
    expect(() => read({ attention_head_dim: 7 })).toThrow(/32 channels cannot be divided among 7 heads/)
    expect(() => read({ attention_head_dim: 'eight' })).toThrow(/another type/)
  })

  it('names what is missing, foreign, misshapen or of another dtype', () => {
    const { 'out.0.weight': _, ...missing } = shapes
    expect(() => readNetwork(unet, part('ldm', missing))).toThrow(/lacks 1 of 686 tensors, first conv_norm_out\.weight/)
    const foreign = { ...shapes, 'input_blocks.1.2.weight': [1] }
    expect(() => readNetwork(unet, part('ldm', foreign))).toThrow(
      /1 tensors that no .* first input_blocks\.1\.2\.weight/,
    )
    const misshapen = { ...shapes, 'time_embed.2.bias': [64] }
    expect(() => readNetwork(unet, part('ldm', misshapen))).toThrow(
      /time_embed\.2\.bias has the shape \[64\] where \[128\]/,
    )
    const { tensors } = part('ldm', shapes)
    const first = tensors.get('out.0.weight')
    const quantized = first ? new Map(tensors).set('out.0.weight', { ...first, dtype: 'F8_E4M3' }) : tensors
    expect(() => readNetwork(unet, { naming: 'ldm', tensors: quantized })).toThrow(/F8_E4M3 weights \(out\.0\.weight\)/)
    const pix2pix = { ...shapes, 'input_blocks.0.0.weight': [32, 8, 3, 3] }
    expect(() => readNetwork(unet, part('ldm', pix2pix))).toThrow(/takes 8 channels/)
    expect(() => readNetwork(unet, part('ldm', {}))).toThrow(/"input_blocks\.0\.0\.weight" is missing/)
  })
})

describe('VAE', () => {
  const shapes = goldenShapes('vae', 'first_stage_model.')
  const { config, weights } = readNetwork(vae, part('ldm', shapes)).network
  const ldm = Array.from(vae.tensors(config), (tensor) => tensor.ldm)
  const attention = 'encoder.mid_block.attentions.0'

  it('accounts for every tensor', () => {
    expect(config).toEqual({ latentChannels: 4, levels: [32, 64, 128, 128], blocks: 2, channels: 32, scaling: 0.18215 })
    expect(new Set(ldm)).toEqual(new Set(Object.keys(shapes)))
    expect(ldm).toHaveLength(248)
  })

  it('reverses the levels of the decoder and reads 1x1 convolutions as linear layers', () => {
    const nameOf = (canonical: string) => weights.tensors.get(canonical)?.name
    expect(nameOf('decoder.up_blocks.0.resnets.2.conv1.weight')).toBe('decoder.up.3.block.2.conv1.weight')
    expect(nameOf('decoder.up_blocks.3.resnets.0.conv_shortcut.weight')).toBe(
      'decoder.up.0.block.0.nin_shortcut.weight',
    )
    expect(nameOf('decoder.up_blocks.2.upsamplers.0.conv.bias')).toBe('decoder.up.1.upsample.conv.bias')
    expect(weights.tensors.get(`${attention}.to_out.0.weight`)?.shape).toEqual([128, 128])
    expect(shapes['encoder.mid.attn_1.proj_out.weight']).toEqual([128, 128, 1, 1])
  })

  it('reads diffusers names, the attention names before 0.17 as well', () => {
    const current = renamed(vae, config)
    expect(readNetwork(vae, part('diffusers', current)).network.config).toEqual(config)
    const old = Object.entries({ 'to_q.': 'query.', 'to_k.': 'key.', 'to_v.': 'value.', 'to_out.0.': 'proj_attn.' })
    const older = Object.fromEntries(
      Object.entries(current).map(([name, shape]) => [
        old.reduce((text, [now, then]) => text.replace(`attentions.0.${now}`, `attentions.0.${then}`), name),
        shape,
      ]),
    )
    expect(older[`${attention}.proj_attn.bias`]).toEqual([128])
    const { network } = readNetwork(vae, part('diffusers', older))
    expect(Array.from(network.weights.tensors.keys())).toEqual(Array.from(weights.tensors.keys()))
  })

  it('takes the scaling factor from config.json', () => {
    expect(
      readNetwork(vae, part('diffusers', renamed(vae, config), { scaling_factor: 0.5 })).network.config.scaling,
    ).toBe(0.5)
    expect(() => readNetwork(vae, part('diffusers', renamed(vae, config), { scaling_factor: 0 }))).toThrow(
      /scaling_factor/,
    )
  })
})

describe('text encoder', () => {
  const shapes = goldenShapes('clip-l', 'cond_stage_model.transformer.')
  const { network, unused } = readNetwork(
    textEncoder,
    part('ldm', { ...shapes, 'text_model.embeddings.position_ids': [1, 77] }),
  )

  it('accounts for every tensor and leaves position ids aside', () => {
    expect(network.config).toEqual({
      width: 64,
      layers: 3,
      heads: 1,
      vocabulary: 49408,
      positions: 77,
      activation: 'quick_gelu',
    })
    expect(new Set(network.weights.tensors.keys())).toEqual(
      new Set(Object.keys(shapes).filter((name) => name.startsWith('text_model.'))),
    )
    expect(unused.map(({ name }) => name)).toContain('text_model.embeddings.position_ids')
  })

  it('reads files whose names leave out text_model', () => {
    const bare = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name.replace('text_model.', ''), shape]),
    )
    const read = readNetwork(textEncoder, part('ldm', bare)).network
    expect(read.config).toEqual(network.config)
    expect(Array.from(read.weights.tensors.keys())).toEqual(Array.from(network.weights.tensors.keys()))
  })

  it('takes heads and activation from config.json', () => {
    const read = (json: unknown) => readNetwork(textEncoder, part('diffusers', shapes, json)).network.config
    expect(read({ num_attention_heads: 4, hidden_act: 'gelu' })).toMatchObject({ heads: 4, activation: 'gelu' })
    expect(() => read({ hidden_act: 'relu' })).toThrow(/activation is relu/)
    expect(() => read({ num_attention_heads: 5 })).toThrow(/64 cannot be divided among 5/)
  })
})
