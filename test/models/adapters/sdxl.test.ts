import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { applyAdapter } from '#engine/adapters/apply.ts'
import { fitAdapter, matchedCount } from '#engine/adapters/match.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { readGolden } from '../../goldens.ts'
import { specsOf, writeSparse } from '../../sparse.ts'
import { folder, open, type Shapes } from './adapter-files.ts'

describe('SDXL', () => {
  const { weights } = readGolden<{ weights: Shapes }>('pipeline-sdxl').json
  let sdxl: Checkpoint
  beforeAll(async () => {
    sdxl = await openCheckpoint(writeSparse(join(folder, 'sdxl.safetensors'), specsOf(weights)))
  })

  /** A module of rank 4 for every weight of two axes or more, under a name that `rename` gives it. */
  function modulesFor(
    tensors: Iterable<readonly [string, readonly number[]]>,
    rename: (path: string) => string,
  ): Shapes {
    const pairs = Array.from(tensors).flatMap(([name, [out = 0, ...rest]]) => {
      if (rest.length === 0 || !name.endsWith('weight') || /embedding\.weight$/.test(name)) return []
      const path = rename(name.replace(/[._]weight$/, ''))
      const up = [out, 4, ...rest.slice(1).map(() => 1)]
      return [[`${path}.lora_down.weight`, [4, ...rest]] as const, [`${path}.lora_up.weight`, up] as const]
    })
    return Object.fromEntries(pairs)
  }

  const shapesOf = (part: 'unet' | 'textEncoder' | 'textEncoder2') =>
    Array.from(sdxl[part]?.weights.tensors ?? [], ([name, { shape }]) => [name, shape] as const)
  const stored = (prefix: string) =>
    Object.entries(weights).flatMap(([name, shape]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), shape] as const] : [],
    )
  const underscored = (prefix: string) => (path: string) => `${prefix}_${path.replaceAll('.', '_')}`
  const dotted = (prefix: string) => (path: string) => `${prefix}.${path}`
  const linear = (part: 'textEncoder' | 'textEncoder2') => shapesOf(part).filter(([name]) => !/embedding/.test(name))

  const namings: readonly (readonly [naming: string, shapes: () => Shapes])[] = [
    [
      "kohya with sgm's names",
      () => ({
        ...modulesFor(stored('model.diffusion_model.'), underscored('lora_unet')),
        ...modulesFor(linear('textEncoder'), underscored('lora_te1')),
        ...modulesFor(linear('textEncoder2'), underscored('lora_te2')),
      }),
    ],
    ["LCM-LoRA's own: kohya with diffusers names", () => modulesFor(shapesOf('unet'), underscored('lora_unet'))],
    [
      'diffusers',
      () => ({
        ...modulesFor(shapesOf('unet'), dotted('unet')),
        ...modulesFor(linear('textEncoder'), dotted('text_encoder')),
        ...modulesFor(linear('textEncoder2'), dotted('text_encoder_2')),
      }),
    ],
    [
      'LyCORIS',
      () => ({
        ...modulesFor(shapesOf('unet'), underscored('lycoris')),
        ...modulesFor(linear('textEncoder2'), underscored('lycoris_text_encoder_2')),
      }),
    ],
    ['ComfyUI', () => modulesFor(stored('model.diffusion_model.'), dotted('diffusion_model'))],
  ]

  it.each(namings)('fault 28: %s', async (_, shapes) => {
    const adapter = await open({ shapes: shapes() })
    const coverage = fitAdapter(adapter, sdxl)
    const matches = [...coverage.unet, ...coverage.textEncoder, ...coverage.textEncoder2]
    expect(adapter.modules.length).toBeGreaterThan(200)
    expect(coverage).toMatchObject({ unmatched: [], shapeMismatches: [], total: adapter.modules.length })
    expect(matches.length).toBe(adapter.modules.length)
    expect(new Set(coverage.unet.map(({ weight }) => weight)).size).toBe(coverage.unet.length)
  })

  it('gives OpenCLIP projections, and queries, keys and values as one layer, their rows', async () => {
    const shapes: Shapes = {
      'lora_te2_transformer_resblocks_0_attn_in_proj.lora_down.weight': [4, 64],
      'lora_te2_transformer_resblocks_0_attn_in_proj.lora_up.weight': [192, 4],
      'unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_qkv.lora_A.weight': [4, 256],
      'unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_qkv.lora_B.weight': [768, 4],
      'unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_kv.lora_A.weight': [4, 128],
      'unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_kv.lora_B.weight': [512, 4],
    }
    const coverage = fitAdapter(await open({ shapes }), sdxl)
    const rows = ({ weight, rows }: (typeof coverage.unet)[number]) => [weight.split('.').at(-2), rows]
    expect(coverage.textEncoder2.map(rows)).toEqual([
      ['q_proj', [0, 64]],
      ['k_proj', [64, 128]],
      ['v_proj', [128, 192]],
    ])
    expect(coverage.unet.map(rows)).toEqual([
      ['to_q', [0, 256]],
      ['to_k', [256, 512]],
      ['to_v', [512, 768]],
      ['to_k', [0, 256]],
      ['to_v', [256, 512]],
    ])
    expect(matchedCount(coverage)).toBe(3)
    const deltas = applyAdapter({ tensors: new Map(), deltas: new Map() }, coverage.textEncoder2, 1).deltas
    expect(Array.from(deltas.values(), ([delta]) => delta?.rows)).toEqual([
      [0, 64],
      [64, 128],
      [128, 192],
    ])
  })

  it('changes norms and biases', async () => {
    const shapes: Shapes = {
      'lora_unet_down_blocks_0_resnets_0_norm1.w_norm': [64],
      'lora_unet_down_blocks_0_resnets_0_norm1.b_norm': [64],
      'lora_unet_input_blocks_1_0_in_layers_2.diff': [64, 64, 3, 3],
      'lora_unet_input_blocks_1_0_in_layers_2.diff_b': [64],
      'lora_te1_text_model_final_layer_norm.w_norm': [64],
    }
    const { unet, textEncoder, unmatched } = fitAdapter(await open({ shapes }), sdxl)
    const block = 'down_blocks.0.resnets.0'
    expect(unet.map(({ weight }) => weight).sort()).toEqual(
      ['conv1.bias', 'conv1.weight', 'norm1.bias', 'norm1.weight'].map((name) => `${block}.${name}`),
    )
    expect(textEncoder.map(({ weight }) => weight)).toEqual(['text_model.final_layer_norm.weight'])
    expect(unmatched).toEqual([])
  })

  it('has a text encoder or a UNet alone changed by what is for it, and says nothing of the rest', async () => {
    const shapes = { ...namings[0]?.[1]() }
    const adapter = await open({ shapes })
    const { unet: _, ...texts } = sdxl
    const coverage = fitAdapter(adapter, texts)
    expect(coverage.unmatched).toEqual([])
    expect([coverage.unet.length, matchedCount(coverage)]).toEqual([0, coverage.total])
    const lcm = await open({ shapes: { ...namings[1]?.[1]() } })
    expect(fitAdapter(lcm, texts)).toMatchObject({ unmatched: [], total: 0 })
  })
})
