import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { fitAdapter, matchAdapter, matchedCount } from '#engine/adapters/match.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import { readFact } from '#engine/facts.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { specsOf, writeSparse } from '../../sparse.ts'
import { folder, lora, modules, open, openBase, type Shapes, weightsOf, without } from './adapter-files.ts'

/** A LoRA of rank 1 for the queries of transformer blocks, with a context of 2048 as SDXL's. */
function ofBlocks(blocks: readonly string[], naming: (block: string) => string): Shapes {
  return Object.fromEntries(
    blocks.flatMap((block) => [
      [`${naming(block)}_attn2_to_k.lora_up.weight`, [1280, 1]],
      [`${naming(block)}_attn2_to_k.lora_down.weight`, [1, 2048]],
    ]),
  )
}

/** All blocks of transformers, by place and depth. */
const deep = (transformers: Readonly<Record<string, number>>): string[] =>
  Object.entries(transformers).flatMap(([place, depth]) =>
    Array.from({ length: depth }, (_, block) => `${place}_transformer_blocks_${block}`),
  )

const diffusers = (block: string) => `lora_unet_${block}`
const [down, up] = ['down_blocks_', 'up_blocks_']
const at = (path: string | undefined, level: number, depths: readonly number[]) =>
  Object.fromEntries(depths.map((depth, index) => [`${path}${level}_attentions_${index}`, depth]))

const wholes = {
  'SSD-1B': deep({ ...at(down, 1, [2, 2]), ...at(down, 2, [4, 4]), ...at(up, 0, [4, 4, 10]), ...at(up, 1, [2, 1, 1]) }),
  Vega: deep({ ...at(down, 1, [1, 1]), ...at(down, 2, [2, 2]), ...at(up, 0, [2, 2, 2]), ...at(up, 1, [1, 1, 1]) }),
}

describe('part of a match is a match', () => {
  it.each<[what: string, shapes: Shapes, variant: string | undefined]>([
    ['the first two blocks', ofBlocks(deep(at(down, 2, [2])), diffusers), undefined],
    ['the first four blocks', ofBlocks(deep(at(down, 2, [4])), diffusers), undefined],
    ['one block of the up path', ofBlocks(deep(at(up, 0, [1])), diffusers), undefined],
    [
      "the first two blocks in Stability's names",
      ofBlocks(['lora_unet_input_blocks_7_1_transformer_blocks_1'], String),
      undefined,
    ],
    ['a fifth block, which only the full model has', ofBlocks(deep(at(down, 2, [5])), diffusers), 'base'],
    ['a fifth block in other names', ofBlocks(['lora_unet_input_blocks_8_1_transformer_blocks_4'], String), 'base'],
    ['the middle', ofBlocks(deep({ mid_block_attentions_0: 1 }), diffusers), 'base'],
    ['the middle in other names', ofBlocks(['lora_unet_middle_block_1_transformer_blocks_0'], String), 'base'],
    [
      'the tenth block of the up path, which SSD-1B has too',
      ofBlocks(deep({ up_blocks_0_attentions_2: 10 }), diffusers),
      undefined,
    ],
    ['the same and more than SSD-1B', ofBlocks(deep(at(up, 0, [5, 4, 10])), diffusers), 'base'],
    ['every block of SSD-1B and no other', ofBlocks(wholes['SSD-1B'], diffusers), 'ssd-1b'],
    ['every block of Segmind-Vega and no other', ofBlocks(wholes.Vega, diffusers), 'vega'],
    ['all of Segmind-Vega but one', ofBlocks(wholes.Vega.slice(1), diffusers), undefined],
  ])('absence proves nothing: %s', async (_, shapes, variant) => {
    const { base } = await open({ shapes })
    expect(base).toEqual({ family: 'SDXL', contextWidth: 2048, ...(variant && { variant }) })
  })

  let checkpoint: Checkpoint
  let inpainting: Checkpoint
  beforeAll(async () => {
    checkpoint = await openBase()
    const wide = Object.fromEntries(
      Object.entries(lora.weights).map(([name, shape]) => [
        name,
        name === 'model.diffusion_model.input_blocks.0.0.weight' ? [shape[0] ?? 0, 9, 3, 3] : shape,
      ]),
    )
    inpainting = await openCheckpoint(writeSparse(join(folder, 'inpainting.safetensors'), specsOf(wide)))
  })

  const convIn = (channels: number): Shapes => ({
    'lora_unet_conv_in.lora_down.weight': [4, channels, 3, 3],
    'lora_unet_conv_in.lora_up.weight': [checkpoint.unet?.config.channels ?? 0, 4, 1, 1],
  })
  const convOut: Shapes = {
    'lora_unet_conv_out.lora_down.weight': [4, 32, 3, 3],
    'lora_unet_conv_out.lora_up.weight': [8, 4, 1, 1],
  }

  it.each<[what: string, more: () => Shapes, target: () => Checkpoint, lost: string]>([
    ['conv_in of 4 channels on a model of 9', () => convIn(4), () => inpainting, 'lora_unet_conv_in'],
    ['conv_in of 9 channels on a model of 4', () => convIn(9), () => checkpoint, 'lora_unet_conv_in'],
    ['conv_out with variances', () => convOut, () => checkpoint, 'lora_unet_conv_out'],
  ])('%s loses one key, not all', async (_, more, target, lost) => {
    const coverage = fitAdapter(await open({ shapes: { ...lora.kohya, ...more() } }), target())
    expect([matchedCount(coverage), coverage.total]).toEqual([modules, modules + 1])
    expect(coverage.shapeMismatches.map(({ module }) => module)).toEqual([lost])
    expect(weightsOf(coverage)).not.toContain('conv_in.weight')
  })

  it('an error never names two equal things as different', async () => {
    const other = Object.fromEntries(
      Object.entries(lora.kohya).map(([name, shape]) => [
        name,
        name.endsWith('up.weight') ? [2 * (shape[0] ?? 0), ...shape.slice(1)] : shape,
      ]),
    )
    const said = (shapes: Shapes) =>
      open({ shapes }).then(
        (adapter) => expect(() => fitAdapter(adapter, checkpoint)).toThrow(/keys matched/),
        (error: unknown) => Promise.reject(error),
      )
    await said(other)
    const adapter = await open({ shapes: other })
    expect(() => fitAdapter(adapter, checkpoint)).toThrow(
      /: 0 of 290 keys matched: most of its layers have another size than those of this model, SD1\.x \(context 64\)\. 290 have another shape, first lora_/,
    )
    const strange = await open({
      shapes: {
        'lora_unet_down_blocks_9_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight': [1, 64],
        'lora_unet_down_blocks_9_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight': [32, 1],
      },
    })
    const unknown = await open({
      shapes: {
        'diffusion_model.blocks.0.self_attn.q.lora_A.weight': [1, 64],
        'diffusion_model.blocks.0.self_attn.q.lora_B.weight': [64, 1],
      },
    })
    for (const each of [strange, unknown]) {
      expect(() => fitAdapter(each, checkpoint)).toThrow(
        /: 0 of 1 keys matched: its names are none of this model's, SD1\.x \(context 64\)\.$/,
      )
    }
  })

  const idle = 'lora_unet_mid_block_attentions_0_proj_in'
  const rest = (shapes: Shapes) => without(shapes, new RegExp(`^${idle}\\.`))
  const alphas = (shapes: Shapes, value: number) =>
    new Map(Object.keys(shapes).flatMap((name) => (name.endsWith('.alpha') ? [[name, value] as const] : [])))

  it.each<[what: string, shapes: Shapes, zero: boolean, reason: string]>([
    [
      'alpha 0',
      {
        [`${idle}.alpha`]: [],
        [`${idle}.lora_down.weight`]: [4, 128, 1, 1],
        [`${idle}.lora_up.weight`]: [128, 4, 1, 1],
      },
      true,
      'its alpha is 0',
    ],
    [
      'alpha 0 of a LoHa',
      {
        [`${idle}.alpha`]: [],
        [`${idle}.hada_w1_a`]: [128, 4],
        [`${idle}.hada_w1_b`]: [4, 128],
        [`${idle}.hada_w2_a`]: [128, 4],
        [`${idle}.hada_w2_b`]: [4, 128],
      },
      true,
      'its alpha is 0',
    ],
    [
      'rank 0',
      {
        [`${idle}.alpha`]: [],
        [`${idle}.lora_down.weight`]: [0, 128, 1, 1],
        [`${idle}.lora_up.weight`]: [128, 0, 1, 1],
      },
      false,
      'its rank is 0',
    ],
    ['an empty difference', { [`${idle}.diff`]: [0] }, false, 'its rank is 0'],
    ['only an alpha', { [`${idle}.alpha`]: [] }, false, 'it has only an alpha'],
  ])('a module with %s is skipped, and said', async (_, module, zero, reason) => {
    const shapes = { ...rest(lora.kohya), ...module }
    const scalars = new Map([...alphas(shapes, lora.alpha), ...(zero ? [[`${idle}.alpha`, 0] as const] : [])])
    const path = writeSparse(join(folder, `idle-${reason.replaceAll(' ', '-')}.safetensors`), specsOf(shapes), {
      scalars,
    })
    const coverage = fitAdapter(await openAdapter(path), checkpoint)
    expect(coverage.idle).toEqual([{ name: idle, reason }])
    expect([matchedCount(coverage), coverage.total]).toEqual([modules - 1, modules])
    expect(weightsOf(coverage)).not.toContain('mid_block.attentions.0.proj_in.weight')
  })

  /** The tensors of one module of each kind that is built from several. */
  const wholeModules: Readonly<Record<string, Shapes>> = {
    LoRA: { 'lora_down.weight': [4, 128, 1, 1], 'lora_up.weight': [128, 4, 1, 1] },
    LoHa: { hada_w1_a: [128, 4], hada_w1_b: [4, 128], hada_w2_a: [128, 4], hada_w2_b: [4, 128] },
    LoKr: { lokr_w1_a: [4, 2], lokr_w1_b: [2, 4], lokr_w2_a: [32, 2], lokr_w2_b: [2, 32] },
    GLoRA: { 'a1.weight': [4, 128], 'a2.weight': [128, 4], 'b1.weight': [4, 128], 'b2.weight': [128, 4] },
  }
  const halves = Object.entries(wholeModules).flatMap(([kind, tensors]) =>
    Object.keys(tensors).map((gone) => [kind, gone, tensors] as const),
  )

  it.each([...halves, ['DoRA', 'both halves', { dora_scale: [128, 1] }] as const])(
    'a module of %s without %s is skipped, and said',
    async (_, gone, tensors) => {
      const left = Object.entries(tensors).flatMap(([ending, shape]) =>
        ending === gone ? [] : [[`${idle}.${ending}`, shape] as const],
      )
      const coverage = fitAdapter(
        await open({ shapes: { ...rest(lora.kohya), ...Object.fromEntries(left) } }),
        checkpoint,
      )
      expect(coverage.idle).toEqual([{ name: idle, reason: expect.stringMatching(/^it has /), incomplete: true }])
      expect([matchedCount(coverage), coverage.total]).toEqual([modules - 1, modules])
      await expect(open({ shapes: Object.fromEntries(left) })).rejects.toMatchObject({
        code: 'parse',
        message: expect.stringMatching(new RegExp(`module ${idle} cannot be used: it has `)),
        hint: expect.stringMatching(/incomplete/),
      })
    },
  )

  it('an adapter of nothing but such modules is refused with the reason', async () => {
    const adapter = await open({ shapes: lora.kohya, alpha: 0 })
    expect(() => fitAdapter(adapter, checkpoint)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /0 of 290 keys matched: none changes anything, first lora_\w+: its alpha is 0\.$/,
        ),
        hint: 'Its training changed nothing; take another version of the adapter.',
      }),
    )
  })

  const cases = resolve('../shared/cases')
  it.skipIf(!existsSync(cases))('the cases of real files', async () => {
    const model = await openCheckpoint(resolve('resources/models/emoji-tiny.safetensors'))
    const idleOf = async (file: string) => fitAdapter(await openAdapter(resolve(cases, file)), model).idle
    expect(await idleOf('lora-one-idle-module/alpha-zero.safetensors')).toMatchObject([{ reason: 'its alpha is 0' }])
    expect(await idleOf('lora-one-idle-module/alpha-only.safetensors')).toMatchObject([
      { reason: 'it has only an alpha' },
    ])
    const partial = await readFact(resolve(cases, 'partial-sdxl-lora/sdxl-first-2-blocks.safetensors'), 'lora')
    expect(partial).toEqual({ kind: 'lora', family: 'sdxl' })
    expect(
      matchAdapter(await openAdapter(resolve(cases, 'partial-sdxl-lora/sdxl-first-2-blocks.safetensors')), model).total,
    ).toBe(2)
  })
})
