import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { applyAdapter } from '#engine/adapters/apply.ts'
import { describeBase } from '#engine/adapters/base.ts'
import { type Coverage, fitAdapter, matchAdapter, matchedCount } from '#engine/adapters/match.ts'
import { openAdapter, readAdapterHeader } from '#engine/adapters/open.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { inspectFile } from '#engine/models/inspect.ts'
import type { NetworkWeights } from '#engine/models/weights.ts'
import { writeSd15Ema } from '../fixtures/sd15-ema.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { readGolden } from '../goldens.ts'
import { specsOf, writeSparse } from '../sparse.ts'

type Shapes = Readonly<Record<string, readonly number[]>>

interface LoraCase {
  readonly rank: number
  readonly alpha: number
  readonly targets: readonly string[]
  readonly weights: Shapes
  readonly kohya: Shapes
  readonly peft: Shapes
  readonly diffusers_to_ldm: Readonly<Record<string, string>>
}

const folder = temporaryFolder()
const lora = readGolden<LoraCase>('lora').json
const resource = (name: string) => fileURLToPath(new URL(`../../resources/models/${name}`, import.meta.url))
const modules = lora.targets.length + 12

let checkpoint: Checkpoint
beforeAll(async () => {
  checkpoint = await openCheckpoint(writeSparse(join(folder, 'base.safetensors'), specsOf(lora.weights)))
})

interface AdapterFile {
  readonly shapes: Shapes
  /** Value of every tensor that ends in `.alpha` (default the golden's). */
  readonly alpha?: number
  readonly metadata?: Readonly<Record<string, string>>
  readonly file?: string
}

function write({ shapes, alpha = lora.alpha, metadata = {}, file = 'adapter.safetensors' }: AdapterFile): string {
  const alphas = Object.keys(shapes).filter((name) => name.endsWith('.alpha'))
  const scalars = new Map(alphas.map((name) => [name, alpha]))
  return writeSparse(join(mkdtempSync(join(folder, 'adapter-')), file), specsOf(shapes), { metadata, scalars })
}

const open = (file: AdapterFile) => openAdapter(write(file))

const rename = (shapes: Shapes, change: (name: string) => string): Shapes =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [change(name), shape]))

const without = (shapes: Shapes, pattern: RegExp): Shapes =>
  Object.fromEntries(Object.entries(shapes).filter(([name]) => !pattern.test(name)))

const weightsOf = ({ unet, textEncoder }: Coverage) => [...unet, ...textEncoder].map(({ weight }) => weight).sort()
const scalesOf = ({ unet, textEncoder }: Coverage) =>
  new Set([...unet, ...textEncoder].map(({ module }) => module.change.scale))

/** The golden's targets, under the network's own names. */
const targets = [
  ...lora.targets,
  ...[0, 1].flatMap((i) =>
    ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.out_proj', 'mlp.fc1', 'mlp.fc2'].map(
      (path) => `text_model.encoder.layers.${i}.${path}`,
    ),
  ),
]
const targetWeights = targets.map((path) => `${path}.weight`).sort()

describe('naming', () => {
  const peftUnet = without(lora.peft, /^text_encoder\./)
  const peftText = without(lora.peft, /^unet\./)
  const attention = Object.fromEntries(Object.entries(peftUnet).filter(([name]) => /\.attn[12]\./.test(name)))
  const ldmPath = (path: string) =>
    (lora.diffusers_to_ldm[`${path}.weight`] ?? '').replace(/^model\.diffusion_model\.|\.weight$/g, '')
  const toLdm = (write: (path: string, ending: string) => string) =>
    rename(peftUnet, (name) => {
      const [, path = '', ending = ''] = /^unet\.(.*)(\.lora_[AB])\.weight$/.exec(name) ?? []
      return write(ldmPath(path), ending)
    })
  const kohyaEnding = (ending: string) => (ending === '.lora_A' ? '.lora_down.weight' : '.lora_up.weight')

  const namings: readonly (readonly [naming: string, shapes: Shapes, expected: number])[] = [
    ['kohya with diffusers names', lora.kohya, modules],
    ['kohya of SDXL, lora_te1', rename(lora.kohya, (name) => name.replace('lora_te_', 'lora_te1_')), modules],
    [
      'kohya with LDM names',
      toLdm((path, ending) => `lora_unet_${path.replaceAll('.', '_')}${kohyaEnding(ending)}`),
      278,
    ],
    ['ComfyUI, bare LDM names', toLdm((path, ending) => `diffusion_model.${path}${ending}.weight`), 278],
    ['PEFT as diffusers saves it', lora.peft, modules],
    ['PEFT with the adapter named', rename(lora.peft, (name) => name.replace('.weight', '.default.weight')), modules],
    ['PEFT without .weight', rename(lora.peft, (name) => name.replace('.weight', '')), modules],
    ['PEFT of the bare UNet', rename(peftUnet, (name) => name.replace('unet.', 'base_model.model.')), 278],
    [
      'PEFT of the bare text encoder',
      rename(peftText, (name) => name.replace('text_encoder.', 'base_model.model.')),
      12,
    ],
    ['LyCORIS', rename(without(lora.kohya, /^lora_te/), (name) => name.replace('lora_unet_', 'lycoris_')), 278],
    [
      'diffusers before PEFT',
      rename(attention, (name) =>
        name
          .replace(/attn([12])\.(to_out)\.0/, 'attn$1.processor.$2')
          .replace(/attn([12])\.(to_[qkv])/, 'attn$1.processor.$2')
          .replace('.lora_A.weight', '_lora.down.weight')
          .replace('.lora_B.weight', '_lora.up.weight'),
      ),
      128,
    ],
    [
      "diffusers' own layers",
      rename(lora.peft, (name) =>
        name
          .replace('.lora_A.weight', '.lora_linear_layer.down.weight')
          .replace('.lora_B.weight', '.lora_linear_layer.up.weight'),
      ),
      modules,
    ],
  ]

  it.each(namings)('fault 28: %s', async (_, shapes, expected) => {
    const coverage = fitAdapter(await open({ shapes }), checkpoint)
    expect(coverage).toMatchObject({ unmatched: [], shapeMismatches: [], total: expected })
    expect(matchedCount(coverage)).toBe(expected)
    const weights = weightsOf(coverage)
    expect(new Set(weights).size).toBe(expected)
    expect(targetWeights).toEqual(expect.arrayContaining(weights))
  })

  it('finds for each module the weight of its name, in either syntax', async () => {
    const kohya = matchAdapter(await open({ shapes: lora.kohya }), checkpoint)
    const peft = matchAdapter(await open({ shapes: lora.peft }), checkpoint)
    expect(weightsOf(kohya)).toEqual(targetWeights)
    for (const { module, weight } of peft.unet) expect(`unet.${weight}`).toBe(`${module.name}.weight`)
    for (const { module, weight } of kohya.unet) {
      expect(`${module.name}_weight`).toBe(`lora_unet_${weight.replaceAll('.', '_')}`)
    }
    expect(weightsOf(peft)).toEqual(targetWeights)
  })

  it('gives no name to two weights at the widths of SD1.5', async () => {
    const sd15 = await openCheckpoint(writeSd15Ema(join(folder, 'sd15.safetensors')))
    const shapes = Array.from(sd15.unet?.weights.tensors ?? []).flatMap(([name, { shape }]) => {
      const [out = 0, ...from] = shape
      if (from.length === 0) return []
      const path = `lora_unet_${name.slice(0, -'.weight'.length).replaceAll('.', '_')}`
      const tail = from.length > 1 ? [1, 1] : []
      return [
        [`${path}.lora_down.weight`, [8, ...from]],
        [`${path}.lora_up.weight`, [out, 8, ...tail]],
      ] as const
    })
    const adapter = await open({ shapes: Object.fromEntries(shapes) })
    const coverage = fitAdapter(adapter, sd15)
    expect(adapter.base).toEqual({ family: 'SD1.x', contextWidth: 768 })
    expect(coverage.unmatched).toEqual([])
    expect(new Set(weightsOf(coverage)).size).toBe(shapes.length / 2)
  })
})

describe('SDXL', () => {
  const { weights } = readGolden<Pick<LoraCase, 'weights'>>('pipeline-sdxl').json
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
  const linear = (part: 'textEncoder' | 'textEncoder2') =>
    shapesOf(part).filter(([name]) => !/embedding|text_projection/.test(name))

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

  it.each([
    ['base', 'SDXL', 10, ['mid_block_attentions_0_transformer_blocks_0_attn1_to_q']],
    ['base', 'SDXL', 10, []],
    ['ssd-1b', 'SSD-1B', 4, []],
    ['vega', 'Segmind-Vega', 2, []],
  ])('tells %s by its module names', async (variant, name, depth, more) => {
    const paths = Array.from(
      { length: depth },
      (_, i) => `down_blocks_2_attentions_0_transformer_blocks_${i}_attn2_to_k`,
    )
    const shapes = modulesFor(
      [...paths, ...more].map((path) => [`${path}.weight`, [1280, 2048]] as const),
      (path) => `lora_unet_${path}`,
    )
    const { base } = await open({ shapes })
    expect(base).toEqual({ family: 'SDXL', variant, contextWidth: 2048 })
    expect(describeBase(base)).toBe(`${name} (context 2048)`)
  })

  it('leaves the size open where too little is changed to tell', async () => {
    const shapes = modulesFor(
      [['up_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.weight', [1280, 2048]]],
      (path) => `lora_unet_${path}`,
    )
    expect((await open({ shapes })).base).toEqual({ family: 'SDXL', contextWidth: 2048 })
  })
})

describe('scale', () => {
  it('is alpha / rank, and 1 without alpha (fault 28: missing alpha)', async () => {
    expect(scalesOf(matchAdapter(await open({ shapes: lora.kohya }), checkpoint))).toEqual(new Set([0.5]))
    const shapes = without(lora.kohya, /\.alpha$/)
    expect(scalesOf(matchAdapter(await open({ shapes }), checkpoint))).toEqual(new Set([1]))
  })

  it.each([0, Number.NaN, Number.POSITIVE_INFINITY])('fault 28: alpha %d', async (alpha) => {
    await expect(open({ shapes: lora.kohya, alpha })).rejects.toMatchObject({
      name: 'LoomError',
      code: 'range',
      message: expect.stringMatching(new RegExp(`lora_\\w+\\.alpha is ${alpha};`)),
      hint: expect.any(String),
    })
  })

  it('fault 28: alpha that is no single number', async () => {
    const shapes = { ...lora.kohya, 'lora_unet_down_blocks_0_resnets_0_conv1.alpha': [2] }
    await expect(open({ shapes })).rejects.toMatchObject({ code: 'range', message: expect.stringContaining('F16 [2]') })
  })

  it("follows PEFT's settings in the metadata, for each network, pattern and rsLoRA", async () => {
    const settings = {
      'unet.r': 4,
      'unet.lora_alpha': 8,
      'unet.alpha_pattern': { 'attn1.to_q': 2 },
      'text_encoder.r': 4,
      'text_encoder.lora_alpha': 3,
      'text_encoder.use_rslora': true,
    }
    const metadata = { lora_adapter_metadata: JSON.stringify(settings) }
    const coverage = matchAdapter(await open({ shapes: lora.peft, metadata }), checkpoint)
    for (const { weight, module } of coverage.unet)
      expect(module.change.scale).toBe(weight.includes('attn1.to_q') ? 0.5 : 2)
    for (const { module } of coverage.textEncoder) expect(module.change.scale).toBe(1.5)
    await expect(
      open({ shapes: lora.peft, metadata: { lora_adapter_metadata: '{"unet.r": "four"}' } }),
    ).rejects.toMatchObject({
      code: 'parse',
    })
  })

  it("follows PEFT's adapter_config.json beside adapter_model.safetensors", async () => {
    const path = write({ shapes: lora.peft, file: 'adapter_model.safetensors' })
    writeFileSync(join(path, '../adapter_config.json'), '{"peft_type":"LORA","r":4,"lora_alpha":16,"alpha_pattern":{}}')
    expect(scalesOf(matchAdapter(await openAdapter(path), checkpoint))).toEqual(new Set([4]))
  })
})

describe('fit', () => {
  /** What kohya writes for SDXL: LDM names, deeper transformers, context 2048, a second text encoder. */
  const sdxlModules = (blocks: readonly number[]): Shapes =>
    Object.fromEntries(
      [
        ...blocks.map((i) => [`lora_unet_input_blocks_7_1_transformer_blocks_${i}_attn2_to_k`, 2048] as const),
        ...blocks.map((i) => [`lora_te2_text_model_encoder_layers_${i}_self_attn_q_proj`, 1280] as const),
      ].flatMap(([name, width]) => [
        [`${name}.lora_down.weight`, [4, width]],
        [`${name}.lora_up.weight`, [1280, 4]],
      ]),
    )

  it('fault 28: wrong base and 0 matched keys, SDXL on SD1.x, names both', async () => {
    const adapter = await open({ shapes: sdxlModules(Array.from({ length: 361 }, (_, i) => i + 1)) })
    expect(() => fitAdapter(adapter, checkpoint)).toThrow(LoomError)
    expect(() => fitAdapter(adapter, checkpoint)).toThrow(
      /: 0 of 722 keys matched: the adapter was made for SDXL \(context 2048\), the checkpoint is SD1\.x \(context 64\)\.$/,
    )
    expect(matchAdapter(adapter, checkpoint).unmatched).toHaveLength(722)
  })

  it('fault 28: wrong base where names agree by chance', async () => {
    const adapter = await open({ shapes: sdxlModules([0, 1]) })
    expect(() => fitAdapter(adapter, checkpoint)).toThrow(
      /: 0 of 4 keys matched: .* 1 have another shape, first lora_unet_input_blocks_7_1_\w+: \[1280, 2048\] for \[128, 64\]\./,
    )
  })

  it('fault 28: another width of the same architecture is a mismatch, though some shapes agree', async () => {
    const shapes = Object.fromEntries(
      Object.entries(lora.kohya).map(([name, shape]) => [
        name,
        /attn2_to_[kv]\.lora_down/.test(name) ? [shape[0] ?? 0, 1024] : shape,
      ]),
    )
    const adapter = await open({ shapes })
    const { shapeMismatches } = matchAdapter(adapter, checkpoint)
    expect(shapeMismatches).toHaveLength(32)
    expect(shapeMismatches[0]).toMatchObject({ adapter: [32, 1024], network: [32, 64] })
    expect(() => fitAdapter(adapter, checkpoint)).toThrow(
      /258 of 290 keys matched: .* SD2\.x \(context 1024\).* 32 have another shape, first lora_unet/,
    )
  })

  it('fault 28: a single module of another shape is a mismatch, also at the same context', async () => {
    const name = 'lora_unet_down_blocks_0_resnets_0_time_emb_proj.lora_down.weight'
    const adapter = await open({ shapes: { ...lora.kohya, [name]: [4, 256] } })
    expect(() => fitAdapter(adapter, checkpoint)).toThrow(
      /289 of 290 .* 1 have another shape, .*: \[32, 256\] for \[32, 128\]\./,
    )
  })

  it('fault 28: unknown keys are reported, the rest is used', async () => {
    const stray: Shapes = {
      'lora_unet_mid_block_attentions_7_proj_in.lora_down.weight': [4, 128],
      'lora_unet_mid_block_attentions_7_proj_in.lora_up.weight': [128, 4],
      'bundle_emb.word.string_to_param': [2, 64],
    }
    const coverage = fitAdapter(await open({ shapes: { ...lora.kohya, ...stray } }), checkpoint)
    expect(coverage.unmatched).toEqual(['bundle_emb.word.string_to_param', 'lora_unet_mid_block_attentions_7_proj_in'])
    expect([matchedCount(coverage), coverage.total]).toEqual([modules, modules + 2])
  })

  it('fault 28: up and down of different ranks, or one alone', async () => {
    const name = 'lora_unet_mid_block_attentions_0_proj_in'
    const ranks = { ...lora.kohya, [`${name}.lora_up.weight`]: [128, 8, 1, 1] }
    await expect(open({ shapes: ranks })).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringContaining(`${name} do not fit: up is [128, 8, 1, 1], down is [4, 128, 1, 1]`),
    })
    await expect(open({ shapes: without(lora.kohya, new RegExp(`${name}\\.lora_up`)) })).rejects.toMatchObject({
      code: 'parse',
      message: expect.stringContaining(`${name} has no up`),
    })
  })

  it('fault 28: one weight changed twice', async () => {
    const shapes = { ...without(lora.kohya, /^lora_te/), ...without(lora.peft, /^text_encoder/) }
    const adapter = await open({ shapes })
    expect(() => matchAdapter(adapter, checkpoint)).toThrow(/both change down_blocks/)
  })

  it.each([
    ['OFT', 'oft_blocks'],
    ['weights of another shape', 'reshape_weight'],
  ])('fault 28: %s is refused by name', async (kind, ending) => {
    const name = `lora_unet_mid_block_attentions_0_proj_in.${ending}`
    await expect(open({ shapes: { ...lora.kohya, [name]: [4, 4] } })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(new RegExp(`1 tensors of ${kind}.*first ${name.replaceAll('.', '\\.')}`)),
    })
  })

  it('fault 28: a checkpoint given as adapter', async () => {
    await expect(openAdapter(resource('emoji-tiny.safetensors'))).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringContaining('an SD1.x checkpoint'),
    })
  })

  it('takes linear halves for a 1x1 convolution', async () => {
    const shapes: Shapes = {
      'unet.mid_block.attentions.0.proj_in.lora_A.weight': [4, 128],
      'unet.mid_block.attentions.0.proj_in.lora_B.weight': [128, 4],
    }
    expect(weightsOf(fitAdapter(await open({ shapes }), checkpoint))).toEqual(['mid_block.attentions.0.proj_in.weight'])
  })
})

/** A module of 128 inputs and outputs in every kind, with what an inspection tells of it. */
const scaled = { ranks: [8], scales: [0.5, 0.5] }
const lowRank: Shapes = { 'lora_down.weight': [8, 128], 'lora_up.weight': [128, 8], alpha: [] }
const hada: Shapes = { hada_w1_a: [128, 8], hada_w1_b: [8, 128], hada_w2_a: [128, 8], hada_w2_b: [8, 128], alpha: [] }
const glora: Shapes = { 'a1.weight': [128, 8], 'a2.weight': [8, 128], 'b1.weight': [128, 8], 'b2.weight': [8, 128] }
const kinds: readonly (readonly [kinds: string, tensors: Shapes, report: object])[] = [
  ['lora', lowRank, scaled],
  ['lora, tucker', { ...lowRank, 'lora_mid.weight': [8, 8] }, scaled],
  ['dora, lora', { ...lowRank, dora_scale: [128, 1] }, scaled],
  ['loha', hada, scaled],
  ['lokr', { lokr_w1: [4, 4], lokr_w2_a: [32, 8], lokr_w2_b: [8, 32], alpha: [] }, scaled],
  ['lokr', { lokr_w1: [4, 4], lokr_w2: [32, 32], alpha: [] }, { ranks: [] }],
  ['glora', { ...glora, alpha: [] }, scaled],
  ['bias, difference', { diff: [128, 128], diff_b: [128] }, { ranks: [], modules: 2 }],
  ['difference', { set_weight: [128, 128] }, { ranks: [] }],
]
const moduleOf = (tensors: Shapes) => rename(tensors, (ending) => `lora_unet_mid_block_attentions_0_proj_in.${ending}`)

describe('inspection', () => {
  it.each(kinds)('names %s, its ranks and scales, and what it covers', async (kinds, tensors, report) => {
    const against = writeSparse(join(folder, 'against.safetensors'), specsOf(lora.weights))
    const { kind, adapter } = await inspectFile(write({ shapes: moduleOf(tensors), alpha: 4 }), against)
    expect([kind, adapter?.kinds.toSorted().join(', ')]).toEqual(['adapter', kinds])
    const { modules: total = 0 } = adapter ?? {}
    expect(adapter).toMatchObject({ modules: 1, unknown: [], ...report, fit: { fits: true, matched: total, total } })
  })

  it.each(kinds)('tells whether %s is to be folded', async (kinds, tensors) => {
    const { foldedOnly = false } = await readAdapterHeader(write({ shapes: moduleOf(tensors), alpha: 4 }))
    expect(foldedOnly).toBe(!['lora', 'lora, tucker'].includes(kinds))
  })
})

describe('tensors that do not fit together', () => {
  const broken: readonly (readonly [what: string, tensors: Shapes, code: string, message: RegExp])[] = [
    ['a LoHa without one factor', { hada_w1_a: [4, 2], hada_w1_b: [2, 4], hada_w2_a: [4, 2] }, 'parse', /no hadaW2b/],
    [
      'a LoHa of two sizes',
      { hada_w1_a: [4, 2], hada_w1_b: [2, 4], hada_w2_a: [4, 2], hada_w2_b: [2, 5] },
      'mismatch',
      /multiplies \[4,4\] by \[4,5\]/,
    ],
    ['a LoKr without its second factor', { lokr_w1: [4, 4] }, 'parse', /no lokrW2a/],
    [
      'a core of another rank',
      { 'lora_down.weight': [4, 8, 1, 1], 'lora_up.weight': [8, 4, 1, 1], 'lora_mid.weight': [3, 4, 3, 3] },
      'mismatch',
      /do not fit: up is \[8, 4, 1, 1\], down is \[4, 8, 1, 1\], mid is \[3, 4, 3, 3\]/,
    ],
    ['magnitudes alone', { dora_scale: [4, 1] }, 'parse', /magnitude and no direction/],
    [
      'magnitudes of another size',
      { 'lora_A.weight': [2, 8], 'lora_B.weight': [8, 2], lora_magnitude_vector: [7] },
      'mismatch',
      /magnitudes \[7\] for a weight \[8,8\]/,
    ],
    ['a tensor of integers', { diff: [128, 128] }, 'unsupported', /stored as I8/],
  ]

  it.each(broken)('fault 28: %s', async (what, tensors, code, message) => {
    const dtype = what.endsWith('integers') ? 'I8' : 'F16'
    const path = writeSparse(
      join(mkdtempSync(join(folder, 'broken-')), 'a.safetensors'),
      specsOf(moduleOf(tensors), dtype),
    )
    await expect(openAdapter(path)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})

describe('applying', () => {
  const weights: NetworkWeights = { tensors: new Map(), deltas: new Map() }
  const load = async (name: string) =>
    fitAdapter(await openAdapter(resource(name)), await openCheckpoint(resource('emoji-tiny.safetensors'))).unet

  it('fits the embedded adapters whole, and adds them in any order to the same', async () => {
    const [lcm, sketch] = [
      await load('emoji-tiny-lcm-lora.safetensors'),
      await load('emoji-tiny-sketch-lora.safetensors'),
    ]
    expect([lcm.length, sketch.length]).toEqual([277, 277])
    const one = applyAdapter(applyAdapter(weights, lcm, 1), sketch, 0.8)
    const other = applyAdapter(applyAdapter(weights, sketch, 0.8), lcm, 1)
    expect(one).toEqual(other)
    expect(one.deltas.size).toBe(277)
    const scales = one.deltas.get('mid_block.attentions.0.proj_in.weight')?.map(({ strength }) => strength)
    expect(scales).toEqual([1, 0.8])
    expect(weights.deltas.size).toBe(0)
  })

  it('multiplies strength and alpha / rank, and adds nothing at strength 0', async () => {
    const { unet } = matchAdapter(await open({ shapes: lora.kohya }), checkpoint)
    const [deltas] = applyAdapter(weights, unet, -1.5).deltas.values()
    expect(deltas?.[0]).toMatchObject({ strength: -1.5, change: { kind: 'lora', scale: 0.5 } })
    expect(applyAdapter(weights, unet, 0)).toBe(weights)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('fault 28: strength %d', async (strength) => {
    const { unet } = matchAdapter(await open({ shapes: lora.kohya }), checkpoint)
    expect(() => applyAdapter(weights, unet, strength)).toThrow(/strength of an adapter is/)
  })
})
