import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { fitAdapter, matchAdapter, matchedCount } from '#engine/adapters/match.ts'
import { openAdapter } from '#engine/adapters/open.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { lora, modules, open, openBase, type Shapes, weightsOf, without } from './adapter-files.ts'

const resource = (name: string) => fileURLToPath(new URL(`../../../resources/models/${name}`, import.meta.url))

let checkpoint: Checkpoint
beforeAll(async () => {
  checkpoint = await openBase()
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

  it('fault 28: up and down of different ranks', async () => {
    const name = 'lora_unet_mid_block_attentions_0_proj_in'
    const ranks = { ...lora.kohya, [`${name}.lora_up.weight`]: [128, 8, 1, 1] }
    await expect(open({ shapes: ranks })).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringContaining(`${name} do not fit: up is [128, 8, 1, 1], down is [4, 128, 1, 1]`),
    })
  })

  it('fault 28: one weight changed twice', async () => {
    const shapes = { ...without(lora.kohya, /^lora_te/), ...without(lora.peft, /^text_encoder/) }
    const adapter = await open({ shapes })
    expect(() => matchAdapter(adapter, checkpoint)).toThrow(/both change down_blocks/)
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
