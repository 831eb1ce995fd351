import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { fitAdapter, matchAdapter, matchedCount } from '#engine/adapters/match.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { writeSd15Ema } from '../../fixtures/sd15-ema.ts'
import { folder, lora, modules, open, openBase, rename, type Shapes, weightsOf, without } from './adapter-files.ts'

let checkpoint: Checkpoint
beforeAll(async () => {
  checkpoint = await openBase()
})

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
    // whose CLIP has no text_model around it
    ...(
      [
        ['PEFT as diffusers saves it', lora.peft, modules],
        [
          'PEFT of the bare text encoder',
          rename(peftText, (name) => name.replace('text_encoder.', 'base_model.model.')),
          12,
        ],
        ['the bare text encoder', rename(peftText, (name) => name.replace('text_encoder.', '')), 12],
        ['kohya', lora.kohya, modules],
      ] as const
    ).map(
      ([naming, shapes, count]) =>
        [`${naming}, of transformers 5`, rename(shapes, (name) => name.replace(/text_model[._]/, '')), count] as const,
    ),
    ['kohya, compiled', rename(lora.kohya, (name) => name.replace('lora_unet_', 'lora_unet__orig_mod_')), modules],
    ['PEFT, compiled', rename(lora.peft, (name) => name.replace('unet.', 'unet._orig_mod.')), modules],
    [
      'PEFT with each block compiled',
      rename(lora.peft, (name) => name.replace('transformer_blocks.0.', 'transformer_blocks.0._orig_mod.')),
      modules,
    ],
    ["kohya's OFT", rename(without(lora.kohya, /^lora_te/), (name) => name.replace('lora_unet_', 'oft_unet_')), 278],
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

  it('finds the bias that an adapter adds to a layer, and none to multiply', async () => {
    const layer = 'unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q'
    const added = {
      [`${layer}.lora_A.weight`]: [4, 128],
      [`${layer}.lora_B.weight`]: [128, 4],
      [`${layer}.lora_B.bias`]: [128],
    }
    const path = 'mid_block.attentions.0.transformer_blocks.0.attn1.to_q'
    const coverage = fitAdapter(await open({ shapes: added }), checkpoint)
    expect([weightsOf(coverage), coverage.unmatched, coverage.total]).toEqual([
      [`${path}.bias`, `${path}.weight`],
      [],
      2,
    ])
    const gains = fitAdapter(await open({ shapes: { [`${layer}.ia3_l`]: [128, 1] } }), checkpoint)
    expect([weightsOf(gains), gains.unmatched, gains.total]).toEqual([[`${path}.weight`], [], 1])
    const biased = fitAdapter(
      await open({ shapes: { [`${layer.replace('to_q', 'to_out.0')}.ia3_l`]: [128, 1] } }),
      checkpoint,
    )
    expect(weightsOf(biased)).toEqual([
      `${path.replace('to_q', 'to_out.0')}.bias`,
      `${path.replace('to_q', 'to_out.0')}.weight`,
    ])
  })

  it('takes what PEFT trained beside a LoRA for replacements', async () => {
    const layer = 'base_model.model.mid_block.attentions.0'
    const { weights } = lora
    const shapes = {
      [`${layer}.proj_in.lora_A.weight`]: [4, 128],
      [`${layer}.proj_in.lora_B.weight`]: [128, 4],
      [`${layer}.proj_in.base_layer.bias`]: [128],
      'base_model.model.conv_in.weight': weights['model.diffusion_model.input_blocks.0.0.weight'] ?? [],
      'base_model.model.conv_in.bias': weights['model.diffusion_model.input_blocks.0.0.bias'] ?? [],
      'base_model.model.conv_norm_out.weight': weights['model.diffusion_model.out.0.weight'] ?? [],
    }
    const { unet, unmatched } = fitAdapter(await open({ shapes }), checkpoint)
    expect(unmatched).toEqual([])
    expect(unet.map(({ weight, module }) => [weight, module.change.kind]).sort()).toEqual([
      ['conv_in.bias', 'replacement'],
      ['conv_in.weight', 'replacement'],
      ['conv_norm_out.weight', 'replacement'],
      ['mid_block.attentions.0.proj_in.bias', 'replacement'],
      ['mid_block.attentions.0.proj_in.weight', 'lora'],
    ])
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
