import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { inspectFile } from '#engine/inspect.ts'
import { writeSd15Ema } from '../fixtures/sd15-ema.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { readGolden } from '../goldens.ts'
import { specsOf, writeSparse } from '../sparse.ts'

const folder = temporaryFolder()
const resource = (name: string) => fileURLToPath(new URL(`../../resources/models/${name}`, import.meta.url))
const model = resource('emoji-tiny.safetensors')
const lcm = resource('emoji-tiny-lcm-lora.safetensors')

describe('inspect', () => {
  it('reports the published SD1.5 EMA checkpoint, copies and counters apart', async () => {
    const inspection = await inspectFile(writeSd15Ema(join(folder, 'ema.safetensors')))
    expect(inspection).toMatchObject({
      kind: 'checkpoint',
      family: 'SD1.x',
      layout: 'single-file',
      tensors: 686 + 248 + 197 + 688 + 12,
      parts: [
        { name: 'unet', tensors: 686, parameters: 859_520_964, bytes: 4 * 859_520_964 },
        { name: 'textEncoder', tensors: 196, parameters: 123_060_480 },
        { name: 'vae', tensors: 248, parameters: 83_653_863 },
      ],
    })
    expect(inspection.dtypes.map(({ dtype, tensors }) => [dtype, tensors]).sort()).toEqual([
      ['F32', 1829],
      ['I32', 1],
      ['I64', 1],
    ])
    expect(inspection.unused).toContainEqual({
      group: 'model_ema',
      tensors: 688,
      parameters: 859_520_964 + 2,
      bytes: 4 * (859_520_964 + 2),
    })
    expect(inspection).not.toHaveProperty('problem')
    expect(JSON.parse(JSON.stringify(inspection))).toEqual(inspection)
  })

  it('reports an adapter and what it fits', async () => {
    const inspection = await inspectFile(lcm, model)
    expect(inspection).toMatchObject({
      kind: 'adapter',
      title: 'LCM-LoRA for Emoji Tiny',
      metadata: { ss_network_alpha: '16' },
      adapter: {
        kinds: ['lora'],
        modules: 277,
        ranks: [16],
        scales: [1, 1],
        base: 'a model with context 128',
        fit: { checkpoint: model, fits: true, matched: 277, total: 277, unmatched: [], shapeMismatches: [] },
      },
    })
  })

  it.each(['adapter_model', 'pytorch_lora_weights'])(
    'finds the %s of the folder that an adapter is saved in',
    async (stem) => {
      const saved = join(folder, `${stem}-folder`)
      await mkdir(saved)
      await copyFile(lcm, join(saved, `${stem}.safetensors`))
      await writeFile(join(saved, 'README.md'), 'A LoRA.')
      expect(await inspectFile(saved, model)).toMatchObject({ kind: 'adapter', adapter: { fit: { matched: 277 } } })
    },
  )

  it('reports an adapter that does not fit, and why', async () => {
    const { weights } = readGolden<{ weights: Record<string, number[]> }>('unet-sd15').json
    const narrow = writeSparse(join(folder, 'narrow.safetensors'), specsOf(weights))
    const { adapter } = await inspectFile(lcm, narrow)
    expect(adapter?.fit).toMatchObject({ fits: false, total: 277 })
    expect(adapter?.fit?.problem).toMatch(/made for a model with context 128, the checkpoint is SD1\.x \(context 64\)/)
  })

  it('names the kind of an adapter that is not built', async () => {
    const shapes = { 'base_model.model.conv_in.vera_lambda_b': [320] }
    expect(await inspectFile(writeSparse(join(folder, 'vera.safetensors'), specsOf(shapes)))).toMatchObject({
      kind: 'adapter',
      adapter: { kinds: ['VeRA (PEFT)'], modules: 0 },
      problem: { code: 'unsupported', message: expect.stringContaining('VeRA') },
    })
  })

  it('says of a foreign architecture what it is and what stands against it', async () => {
    const shapes = { 'double_blocks.0.img_attn.qkv.weight': [8, 8] }
    expect(await inspectFile(writeSparse(join(folder, 'flux.safetensors'), specsOf(shapes)))).toMatchObject({
      kind: 'checkpoint',
      family: 'Flux',
      tensors: 1,
      parts: [],
      problem: { code: 'unsupported', message: expect.stringContaining('the Flux architecture') },
    })
  })

  it('tells SSD-1B from SDXL', async () => {
    const { weights } = readGolden<{ weights: Record<string, number[]> }>('unet-ssd1b').json
    expect(await inspectFile(writeSparse(join(folder, 'ssd.safetensors'), specsOf(weights)))).toMatchObject({
      kind: 'checkpoint',
      family: 'SDXL',
      variant: 'ssd-1b',
      is: 'an SSD-1B checkpoint',
      parts: [{ name: 'unet', tensors: Object.keys(weights).length }],
    })
  })
})
