import { describe, expect, it } from 'vitest'
import type { BaseFamily } from '#core/families/families.ts'
import type { Naming } from '#core/families/family.ts'
import { readGolden } from '#test/goldens.ts'
import type { UnetConfig } from '../config.ts'
import type { NetworkKind, PartFile } from './network-kind.ts'
import { readNetwork as readFamily } from './network-kind.ts'
import { textEncoder, textEncoder2 } from './text-encoder.ts'
import { unet } from './unet.ts'
import { vae } from './vae.ts'

type Shapes = Readonly<Record<string, readonly number[]>>

interface NetworkCase {
  readonly weights: Shapes
}

const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1)

function part(naming: PartFile['naming'], shapes: Shapes, json?: unknown): PartFile {
  const refs = Object.entries(shapes).map(
    ([name, shape]) =>
      [name, { file: '/a', name, dtype: 'F16', shape, offset: 0, byteLength: 2 * elements(shape) }] as const,
  )
  return { naming, tensors: new Map(refs), json }
}

function goldenShapes(golden: string, prefix: string): Shapes {
  const { weights } = readGolden<NetworkCase>(golden).json
  const inside = Object.entries(weights).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(inside.map(([name, shape]) => [name.slice(prefix.length), shape]))
}

/** Of SD1.x, as most goldens are. */
const readNetwork = <Config>(kind: NetworkKind<Config>, file: PartFile) => readFamily(kind, file, 'sd1')

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
        { channels: 32, heads: 8, down: [1, 1], up: [1, 1, 1] },
        { channels: 64, heads: 8, down: [1, 1], up: [1, 1, 1] },
        { channels: 128, heads: 8, down: [1, 1], up: [1, 1, 1] },
        { channels: 128, heads: 8, down: [0, 0], up: [0, 0, 0] },
      ],
      middle: { residualBlocks: 2, depth: 1 },
      linearProjection: false,
      contextWidth: 64,
    })
    expect(readNetwork(unet, part('diffusers', renamed(unet, config))).network.config).toEqual(config)
  })

  it.each([
    {
      middle: { residualBlocks: 2, depth: 2 },
      downs: [[0], [1]],
      ups: [
        [0, 0],
        [1, 1],
      ],
    },
    {
      middle: { residualBlocks: 1, depth: 0 },
      downs: [
        [1, 0, 1],
        [0, 0, 0],
        [2, 1, 2],
      ],
      ups: [
        [1, 1, 1, 0],
        [0, 2, 0, 0],
        [1, 2, 3, 1],
      ],
    },
    { middle: { residualBlocks: 0, depth: 0 }, downs: [[1, 1]], ups: [[1, 1, 4]] },
  ] as const)('reads depths $downs down and $ups up in either naming', ({ middle, downs, ups }) => {
    const levels = downs.map((down, i) => ({ channels: 64 * (i + 1), heads: 8, down, up: ups[i] ?? [] }))
    const extra = { inChannels: 9, channels: 48, vectorWidth: 80, guidanceWidth: 256, linearProjection: true }
    const odd: UnetConfig = { ...config, ...extra, levels, middle }
    const ldm = Object.fromEntries(Array.from(unet.tensors(odd), (tensor) => [tensor.ldm, tensor.shape]))
    expect(readNetwork(unet, part('ldm', ldm)).network.config).toEqual(odd)
    expect(readNetwork(unet, part('diffusers', renamed(unet, odd))).network.config).toEqual(odd)
  })

  it.each(['unet-sdxl', 'unet-ssd1b'])('knows the name and shape of every tensor of %s', (golden) => {
    const xl = goldenShapes(golden, unetPrefix)
    const read = readFamily(unet, part('ldm', xl), 'sdxl').network
    expect(Object.fromEntries(Array.from(unet.tensors(read.config), ({ ldm, shape }) => [ldm, shape]))).toEqual(xl)
    expect(read.config.levels.map(({ heads }) => heads)).toEqual([1, 2, 4])
    expect(readFamily(unet, part('diffusers', renamed(unet, read.config)), 'sdxl').network.config).toEqual(read.config)
  })

  it.each([
    // sgm/modules/diffusionmodules/openaimodel.py: a residual block, its transformer, the upsampler behind the last
    [[0, 2, 10], 'up_blocks.0.upsamplers.0.conv.weight', 'output_blocks.2.2.conv.weight'],
    [[0, 2, 10], 'up_blocks.1.upsamplers.0.conv.weight', 'output_blocks.5.2.conv.weight'],
    [[0, 2, 10], 'down_blocks.1.downsamplers.0.conv.bias', 'input_blocks.6.0.op.bias'],
    [[0, 2, 10], 'mid_block.resnets.1.conv1.weight', 'middle_block.2.in_layers.2.weight'],
    [[1, 1, 1, 0], 'up_blocks.0.upsamplers.0.conv.weight', 'output_blocks.2.1.conv.weight'],
    [[1, 1, 1, 0], 'up_blocks.3.attentions.2.proj_out.weight', 'output_blocks.11.1.proj_out.weight'],
  ] as const)('of depths %s, %s is called %s in a single file', (depths, name, ldm) => {
    const levels = depths.map((depth) => ({ channels: 64, heads: 8, down: [depth, depth], up: [depth, depth, depth] }))
    const tensors = Array.from(unet.tensors({ ...config, levels }))
    expect(tensors.find((tensor) => tensor.name === name)?.ldm).toBe(ldm)
  })

  it('finds the guidance embedding of a full LCM', () => {
    const lcm = readNetwork(unet, part('ldm', goldenShapes('unet-lcm-w', unetPrefix))).network
    expect(lcm.config).toEqual({ ...config, guidanceWidth: 256 })
    expect(lcm.weights.tensors.get('time_embedding.cond_proj.weight')?.shape).toEqual([32, 256])
  })

  it('takes the heads from config.json, where diffusers calls them attention_head_dim', () => {
    const read = (json: unknown) => readNetwork(unet, part('diffusers', renamed(unet, config), json)).network.config
    const heads = (json: unknown) => read(json).levels.map((level) => level.heads)
    expect(heads({ attention_head_dim: 4 })).toEqual([4, 4, 4, 4])
    expect(heads({ attention_head_dim: 4, num_attention_heads: 16 })).toEqual([16, 16, 16, 16])
    expect(heads({ attention_head_dim: [4, 8, 16, 16] })).toEqual([4, 8, 16, 16])
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
    const last = tensors.get('out.2.weight')
    const quantized = last ? new Map(tensors).set('out.2.weight', { ...last, dtype: 'I8' }) : tensors
    expect(() => readNetwork(unet, { naming: 'ldm', tensors: quantized })).toThrow(
      /cannot be read \(out\.2\.weight\): I8 holds quantised numbers\.$/,
    )
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
    expect(config).toEqual({
      kind: 'autoencoder-kl',
      latentChannels: 4,
      levels: [32, 64, 128, 128],
      blocks: 2,
      channels: 32,
      scaling: 0.18215,
    })
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
    part('diffusers', { ...shapes, 'text_model.embeddings.position_ids': [1, 77] }),
  )

  it('accounts for every tensor and leaves position ids aside', () => {
    expect(network.config).toEqual({
      width: 64,
      layers: 3,
      heads: 1,
      vocabulary: 49408,
      positions: 77,
      activation: 'quick_gelu',
      padToken: 49407,
      skip: 1,
      finalNorm: true,
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
    const read = readNetwork(textEncoder, part('diffusers', bare)).network
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

describe('OpenCLIP', () => {
  const shapes = goldenShapes('openclip-g', 'conditioner.embedders.1.model.')
  const { network, unused } = readFamily(textEncoder2, part('ldm', shapes), 'sdxl')
  const { config } = network

  it('accounts for every tensor, three of them in each fused in-projection', () => {
    expect(config).toEqual({
      width: 64,
      layers: 3,
      heads: 1,
      vocabulary: 49408,
      positions: 77,
      activation: 'gelu',
      padToken: 0,
      skip: 2,
      finalNorm: false,
      projectionWidth: 64,
    })
    expect(network.weights.tensors.get('text_projection.weight')).toMatchObject({ shape: [64, 64], turned: true })
    expect(unused.map(({ name }) => name)).toEqual(['logit_scale'])
    const value = network.weights.tensors.get('text_model.encoder.layers.2.self_attn.v_proj.bias')
    expect(value).toMatchObject({ name: 'transformer.resblocks.2.attn.in_proj_bias', shape: [64], offset: 256 })
  })

  it('is read under the names of transformers as well', () => {
    const transformers = readFamily(textEncoder2, part('diffusers', renamed(textEncoder2, config)), 'sdxl').network
    expect(transformers.config).toEqual(config)
    expect(transformers.weights.tensors.get('text_projection.weight')).not.toHaveProperty('turned')
  })

  it('refuses a fused in-projection of another height', () => {
    const short = { ...shapes, 'transformer.resblocks.1.attn.in_proj_weight': [128, 64] }
    expect(() => readFamily(textEncoder2, part('ldm', short), 'sdxl')).toThrow(/in_proj_weight has the shape \[0, 64\]/)
  })
})

describe('a network that lacks one tensor says so, and of how many', () => {
  /** Looks at a network with one tensor away: the first of each sort of layer. */
  function withoutEach<Config>(kind: NetworkKind<Config>, naming: Naming, whole: Shapes, family: BaseFamily): void {
    const all = Array.from(kind.tensors(readFamily(kind, part(naming, whole), family).network.config))
    const sorts = Map.groupBy(all, ({ name }) => name.replace(/\d+/g, 'N'))
    for (const [gone] of sorts.values()) {
      if (!gone) continue
      const { [naming === 'ldm' ? gone.ldm : gone.name]: _, ...rest } = whole
      const lacking = all.filter(({ ldm, name }) => !Object.hasOwn(rest, naming === 'ldm' ? ldm : name))
      expect(() => readFamily(kind, part(naming, rest), family)).toThrow(
        expect.objectContaining({
          message: `The ${kind.label} lacks ${lacking.length} of ${all.length} tensors, first ${lacking[0]?.name}.`,
          hint: `The other ${all.length - lacking.length} are there: the file was probably cut off or pruned. Download it again.`,
        }),
      )
    }
  }

  function inBothNamings<Config>(kind: NetworkKind<Config>, shapes: Shapes, family: BaseFamily): void {
    withoutEach(kind, 'ldm', shapes, family)
    withoutEach(kind, 'diffusers', renamed(kind, readFamily(kind, part('ldm', shapes), family).network.config), family)
  }

  it('a UNet', () => inBothNamings(unet, goldenShapes('unet-sd15', unetPrefix), 'sd1'))

  it('a VAE', () => inBothNamings(vae, goldenShapes('vae', 'first_stage_model.'), 'sd1'))

  it('text encoders', () => {
    withoutEach(textEncoder, 'diffusers', goldenShapes('clip-l', 'cond_stage_model.transformer.'), 'sd1')
    withoutEach(textEncoder2, 'ldm', goldenShapes('openclip-g', 'conditioner.embedders.1.model.'), 'sdxl')
  })
})
