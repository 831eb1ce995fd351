import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Coverage, matchAdapter } from '#engine/adapters/match.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { lora, open, openBase, rename, without, write } from './adapter-files.ts'

let checkpoint: Checkpoint
beforeAll(async () => {
  checkpoint = await openBase()
})

const scalesOf = ({ unet, textEncoder }: Coverage) =>
  new Set([...unet, ...textEncoder].map(({ module }) => module.change.scale))

describe('scale', () => {
  it('is alpha / rank, and 1 without alpha (fault 28: missing alpha)', async () => {
    expect(scalesOf(matchAdapter(await open({ shapes: lora.kohya }), checkpoint))).toEqual(new Set([0.5]))
    const shapes = without(lora.kohya, /\.alpha$/)
    expect(scalesOf(matchAdapter(await open({ shapes }), checkpoint))).toEqual(new Set([1]))
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('fault 28: alpha %d', async (alpha) => {
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

  it.each(['adapter_model.safetensors', 'adapter_model.bin'])(
    "follows PEFT's adapter_config.json beside %s",
    async (file) => {
      const path = write({ shapes: lora.peft, file })
      writeFileSync(
        join(path, '../adapter_config.json'),
        '{"peft_type":"LORA","r":4,"lora_alpha":16,"alpha_pattern":{}}',
      )
      expect(scalesOf(matchAdapter(await openAdapter(path), checkpoint))).toEqual(new Set([4]))
    },
  )

  it.each<[what: string, settings: object, scale: number]>([
    ['no alpha: PEFT takes 8', { r: 4 }, 2],
    ['no alpha, beside nulls', { r: 4, alpha_pattern: null, use_rslora: null, eps: null, coft: null }, 2],
    ['neither, and the rank of the tensors', {}, 2],
    ['no alpha in the root of the rank', { use_rslora: true }, 4],
    ['a null where nothing is calculated', { r: null, lora_alpha: 16, peft_type: null, init_lora_weights: null }, 4],
  ])('is what PEFT reads from settings with %s', async (_, settings, scale) => {
    const path = write({ shapes: lora.peft, file: 'adapter_model.safetensors' })
    writeFileSync(join(path, '../adapter_config.json'), JSON.stringify({ peft_type: 'LORA', ...settings }))
    expect(scalesOf(matchAdapter(await openAdapter(path), checkpoint))).toEqual(new Set([scale]))
  })

  it.each<[field: string, settings: unknown, says: string]>([
    ['lora_alpha', { lora_alpha: null }, 'lora_alpha: expected number, received null'],
    ['lora_alpha', { lora_alpha: '16' }, 'lora_alpha: expected number, received string'],
    ['r', { r: '4', lora_alpha: 4 }, 'r: expected number, received string'],
    ['use_rslora', { r: 4, use_rslora: 'yes' }, 'use_rslora: expected boolean, received string'],
    ['a pattern', { alpha_pattern: { to_q: '3' } }, 'alpha_pattern.to_q: expected number, received string'],
    ['all', [], 'expected record, received array'],
  ])('names the field that PEFT could not calculate with: %s', async (_, settings, says) => {
    const path = write({ shapes: lora.peft, file: 'adapter_model.safetensors' })
    writeFileSync(join(path, '../adapter_config.json'), JSON.stringify(settings))
    await expect(openAdapter(path)).rejects.toMatchObject({
      code: 'parse',
      message: expect.stringContaining(`adapter_config.json) cannot be read: ${says}`),
    })
  })

  it.each([
    ['LOHA', { hada_w1_a: [128, 8], hada_w1_b: [8, 128], hada_w2_a: [128, 8], hada_w2_b: [8, 128] }],
    ['LOKR', { lokr_w1: [4, 4], lokr_w2_a: [32, 8], lokr_w2_b: [8, 32] }],
    // the factors are whole, so the rank is the config's alone
    ['LOKR', { lokr_w1: [4, 4], lokr_w2: [32, 32] }],
  ])('follows the alpha of PEFT for %s, which no tensor has', async (peft_type, tensors) => {
    const shapes = rename(tensors, (ending) => `base_model.model.mid_block.attentions.0.proj_in.${ending}`)
    const path = write({ shapes, file: 'adapter_model.safetensors' })
    writeFileSync(join(path, '../adapter_config.json'), JSON.stringify({ peft_type, r: 8, alpha: 2 }))
    const { unet, unmatched } = matchAdapter(await openAdapter(path), checkpoint)
    expect([unet.map(({ module }) => module.change.scale), unmatched]).toEqual([[0.25], []])
  })
})
