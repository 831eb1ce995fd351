import { cpSync, mkdirSync, mkdtempSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TensorSpec } from '#core/formats/safetensors.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { readGolden } from '../goldens.ts'
import { specsOf, writeSparse } from '../sparse.ts'
import { unetSession } from '../step-context.ts'

interface NetworkCase {
  readonly weights: Readonly<Record<string, readonly number[]>>
}

const folder = temporaryFolder()
const embedded = fileURLToPath(new URL('../../resources/models/emoji-tiny.safetensors', import.meta.url))
const weightsOf = (golden: string, dtype?: TensorSpec['dtype']) =>
  specsOf(readGolden<NetworkCase>(golden).json.weights, dtype)
const parts = ['unet', 'textEncoder', 'vae'] as const
const places = {
  unet: 'unet/diffusion_pytorch_model',
  textEncoder: 'text_encoder/model',
  vae: 'vae/diffusion_pytorch_model',
}

const namesOf = (checkpoint: Checkpoint) =>
  parts.map((part) => Array.from(checkpoint[part]?.weights.tensors.keys() ?? []))
const shapesOf = (checkpoint: Checkpoint) =>
  parts.map((part) => Array.from(checkpoint[part]?.weights.tensors.values() ?? [], ({ shape }) => shape))
const configsOf = (checkpoint: Checkpoint) => parts.map((part) => checkpoint[part]?.config)

/** The same networks as a diffusers folder; `variant` goes into the names of the weights. */
function writeFolder(at: string, checkpoint: Checkpoint, variant = ''): string {
  for (const part of parts) {
    const tensors = checkpoint[part]?.weights.tensors ?? new Map()
    const specs = Array.from(tensors, ([name, { dtype, shape }]) => ({ name, dtype, shape }))
    writeSparse(join(at, `${places[part]}${variant}.safetensors`), specs)
  }
  writeFileSync(join(at, 'model_index.json'), '{"_class_name":"StableDiffusionPipeline"}')
  return at
}

function writeJson(at: string, json: unknown): void {
  mkdirSync(join(at, '..'), { recursive: true })
  writeFileSync(at, JSON.stringify(json))
}

const newFolder = () => mkdtempSync(join(folder, 'model-'))

describe('single files', () => {
  it('opens the embedded model', async () => {
    const checkpoint = await openCheckpoint(embedded)
    expect(checkpoint).toMatchObject({
      family: 'sd1',
      variant: 'base',
      layout: 'single-file',
      told: { training: { prediction: 'epsilon' } },
      unet: { config: { channels: 64, contextWidth: 128, middle: { residualBlocks: 2, depth: 1 } } },
      textEncoder: { config: { width: 128, layers: 4, heads: 2 } },
      vae: { config: { channels: 32, levels: [64, 64, 128, 128], blocks: 1 } },
      unused: [],
    })
  })

  it.each(['F16', 'BF16', 'F32'] as const)('opens %s files that lack a VAE', async (dtype) => {
    const path = writeSparse(join(newFolder(), 'no-vae.safetensors'), weightsOf('lora', dtype))
    const { vae, unet, textEncoder } = await openCheckpoint(path)
    expect(vae).toBeUndefined()
    expect(textEncoder?.config.layers).toBe(2)
    expect(unet?.weights.tensors.get('conv_in.weight')?.dtype).toBe(dtype)
  })

  it.each([
    [{ 'modelspec.prediction_type': 'v' }, 'v_prediction'],
    [{ 'modelspec.prediction_type': 'epsilon', ss_v_parameterization: 'True' }, 'epsilon'],
    [{ ss_v_parameterization: 'True' }, 'v_prediction'],
    [{ 'modelspec.title': 'anything' }, 'epsilon'],
  ])('reads the prediction type from %j', async (metadata, prediction) => {
    const path = writeSparse(join(newFolder(), 'a.safetensors'), weightsOf('unet-sd15'), { metadata })
    expect((await openCheckpoint(path)).told.training).toEqual({ prediction })
  })

  it.each(['flow', 'constructor'])('refuses the prediction type %s, by name', async (type) => {
    const metadata = { 'modelspec.prediction_type': type }
    const path = writeSparse(join(newFolder(), 'a.safetensors'), weightsOf('unet-sd15'), { metadata })
    await expect(unetSession(path)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(`"${type}"`),
    })
  })

  it('changes its identity with the file and with nothing else', async () => {
    const path = join(newFolder(), 'a.safetensors')
    cpSync(writeSparse(join(newFolder(), 'a.safetensors'), weightsOf('vae')), path)
    const { identity } = await openCheckpoint(path)
    const link = join(newFolder(), 'link.safetensors')
    symlinkSync(path, link)
    expect(await openCheckpoint(link)).toMatchObject({ identity, path })
    utimesSync(path, 1, 1)
    expect((await openCheckpoint(path)).identity).not.toBe(identity)
  })
})

describe('diffusers folders', () => {
  let single: Checkpoint
  beforeAll(async () => {
    single = await openCheckpoint(embedded)
  })

  it('have the same weights and configs as the single file', async () => {
    const checkpoint = await openCheckpoint(writeFolder(newFolder(), single))
    expect(checkpoint).toMatchObject({
      family: 'sd1',
      layout: 'diffusers',
      told: { training: { prediction: 'epsilon' } },
    })
    expect(configsOf(checkpoint)).toEqual(configsOf(single))
    expect(namesOf(checkpoint)).toEqual(namesOf(single))
    expect(shapesOf(checkpoint)).toEqual(shapesOf(single))
    expect(namesOf(single).flat()).toHaveLength(684 + 68 + 182)
  })

  it('take heads, activation, scaling and prediction from their configs', async () => {
    const at = writeFolder(newFolder(), single)
    writeJson(join(at, 'unet/config.json'), { attention_head_dim: 4, cross_attention_dim: 128 })
    writeJson(join(at, 'text_encoder/config.json'), { num_attention_heads: 4, hidden_act: 'gelu' })
    writeJson(join(at, 'vae/config.json'), { scaling_factor: 0.13025 })
    writeJson(join(at, 'scheduler/scheduler_config.json'), { prediction_type: 'v_prediction' })
    const { unet, textEncoder, vae, told, identity } = await openCheckpoint(at)
    expect([unet?.config.levels[0]?.heads, textEncoder?.config.heads, textEncoder?.config.activation]).toEqual([
      4,
      4,
      'gelu',
    ])
    expect([vae?.config.scaling, told.training]).toEqual([0.13025, { prediction: 'v_prediction' }])
    writeJson(join(at, 'vae/config.json'), { scaling_factor: 0.2 })
    expect((await openCheckpoint(at)).identity).not.toBe(identity)
  })

  it('may hold fp16 variants, or shards', async () => {
    expect(namesOf(await openCheckpoint(writeFolder(newFolder(), single, '.fp16')))).toEqual(namesOf(single))

    const at = writeFolder(newFolder(), single)
    const specs = Array.from(single.unet?.weights.tensors ?? [], ([name, { dtype, shape }]) => ({ name, dtype, shape }))
    const stem = join(at, places.unet)
    renameSync(`${stem}.safetensors`, join(at, 'whole.safetensors'))
    const halves = [specs.slice(0, 300), specs.slice(300)]
    const weight_map: Record<string, string> = {}
    for (const [i, half] of halves.entries()) {
      writeSparse(`${stem}-0000${i + 1}-of-00002.safetensors`, half)
      for (const { name } of half) weight_map[name] = `diffusion_pytorch_model-0000${i + 1}-of-00002.safetensors`
    }
    writeJson(`${stem}.safetensors.index.json`, { weight_map })
    expect(namesOf(await openCheckpoint(at))).toEqual(namesOf(single))

    await expect(openCheckpoint(`${stem}-00002-of-00002.safetensors`)).rejects.toThrow(/part 2 of 2 of a model/)
    writeJson(`${stem}.safetensors.index.json`, { weight_map: { a: '../../../etc/passwd' } })
    await expect(openCheckpoint(at)).rejects.toMatchObject({ code: 'parse' })
  })

  it('are refused by what they lack', async () => {
    await expect(openCheckpoint(newFolder())).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('model_index.json'),
    })
    await expect(openCheckpoint(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not-found' })

    const foreign = writeFolder(newFolder(), single)
    writeJson(join(foreign, 'model_index.json'), { _class_name: 'StableDiffusion3Pipeline' })
    await expect(openCheckpoint(foreign)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('StableDiffusion3Pipeline'),
    })

    const broken = writeFolder(newFolder(), single)
    writeFileSync(join(broken, 'vae/config.json'), '{')
    await expect(openCheckpoint(broken)).rejects.toMatchObject({
      code: 'parse',
      message: expect.stringContaining('vae/config.json'),
    })

    const alone = writeFolder(newFolder(), single)
    const unet = join(alone, `${places.unet}.safetensors`)
    await expect(openCheckpoint(unet)).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringContaining('UNet of an SD1.x model alone'),
    })
  })
})

describe('what is no checkpoint that can be built', () => {
  const prefixed = (prefix: string, names: readonly string[], shape: readonly number[] = [8, 8]) =>
    names.map((name): TensorSpec => ({ name: prefix + name, dtype: 'F16', shape }))
  const crossAttention = (prefix: string, context: number): TensorSpec[] => [
    { name: `${prefix}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight`, dtype: 'F16', shape: [320, context] },
    { name: `${prefix}input_blocks.1.1.proj_in.weight`, dtype: 'F16', shape: [320, 320] },
    ...prefixed(prefix, ['input_blocks.0.0.weight', 'middle_block.1.norm.weight']),
  ]
  const unetPrefix = 'model.diffusion_model.'

  const cases: readonly (readonly [is: string, code: string, tensors: readonly TensorSpec[]])[] = [
    [
      'an SDXL refiner',
      'unsupported',
      [...crossAttention(unetPrefix, 1280), ...prefixed(unetPrefix, ['label_emb.0.0.weight'])],
    ],
    [
      'an SDXL refiner',
      'unsupported',
      prefixed('conditioner.embedders.0.model.', ['transformer.resblocks.0.ln_1.weight']),
    ],
    [
      'an SD2.x unCLIP model',
      'unsupported',
      [...crossAttention(unetPrefix, 1024), ...prefixed(unetPrefix, ['label_emb.0.0.weight'])],
    ],
    ['the UNet of an SD1.x model alone', 'mismatch', crossAttention('', 768)],
    ['the UNet of an SD2.x model alone', 'mismatch', crossAttention('', 1024)],
    ['a T5 text encoder', 'unsupported', prefixed('encoder.', ['block.0.layer.0.SelfAttention.q.weight'])],
    ['the SD3 architecture', 'unsupported', prefixed(unetPrefix, ['joint_blocks.0.x_block.attn.qkv.weight'])],
    ['the Flux architecture', 'unsupported', prefixed('', ['double_blocks.0.img_attn.qkv.weight'])],
    [
      'the Flux architecture',
      'unsupported',
      prefixed('', ['single_transformer_blocks.0.attn.to_q.weight', 'transformer_blocks.0.attn.add_q_proj.weight']),
    ],
    ['the Qwen-Image architecture', 'unsupported', prefixed('', ['transformer_blocks.0.img_mlp.net.0.proj.weight'])],
    ['a VAE alone', 'mismatch', prefixed('', ['encoder.conv_in.weight', 'decoder.conv_in.weight'])],
    [
      'an adapter',
      'mismatch',
      prefixed('lora_unet_mid_block_attentions_0_proj_in.', ['lora_up.weight', 'lora_down.weight']),
    ],
    ['an adapter', 'mismatch', prefixed('lora_unet_mid_block_attentions_0_proj_in.', ['hada_w1_a', 'hada_w1_b'])],
    ['a ControlNet', 'mismatch', prefixed('control_model.', ['input_hint_block.0.weight', 'input_blocks.0.0.weight'])],
    [
      'a ControlNet',
      'mismatch',
      prefixed('', ['controlnet_cond_embedding.conv_in.weight', 'down_blocks.0.resnets.0.conv1.weight']),
    ],
    ['an IP-Adapter', 'mismatch', prefixed('', ['image_proj.norm.weight', 'ip_adapter.1.to_k_ip.weight'])],
    ['an AnimateDiff motion module', 'mismatch', prefixed('', ['down_blocks.0.motion_modules.0.norm.weight'])],
    ['a tiny autoencoder (TAESD) alone', 'mismatch', prefixed('taesd_decoder.', ['1.weight'])],
    ['an upscaler', 'mismatch', prefixed('', ['model.0.weight', 'model.1.sub.0.RDB1.conv1.0.weight'])],
    ['a text encoder alone', 'mismatch', prefixed('text_model.', ['embeddings.token_embedding.weight'])],
    ['a textual-inversion embedding', 'mismatch', prefixed('', ['emb_params'])],
    ['of no architecture that is known', 'unsupported', prefixed('', ['a', 'b'])],
    ['of no architecture that is known', 'unsupported', []],
  ]

  it.each(cases)('is refused as %s (%s)', async (is, code, tensors) => {
    const path = writeSparse(join(newFolder(), 'other.safetensors'), tensors)
    await expect(openCheckpoint(path)).rejects.toMatchObject({
      name: 'LoomError',
      code,
      message: expect.stringContaining(is),
      hint: expect.stringMatching(/\.$/),
    })
  })

  it('fault 26: a device as model', async () => {
    await expect(openCheckpoint('/dev/zero')).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('device'),
    })
  })

  it.each([
    ['.ckpt', '\x80\x02}q\0', 'pickle'],
    ['.ckpt', '\x80\x02cos\nsystem\n.', 'pickle with the name "os.system"'],
    ['.safetensors', 'PK\x03\x04archive/data.pkl', 'The zip file is damaged or cut off'],
    ['.safetensors', 'PK\x03\x04photo.jpg', 'zip archive'],
    ['.safetensors', '<!DOCTYPE html><title>Log in</title>', 'web page'],
  ])('fault 29: %s file with %j', async (extension, content, is) => {
    const path = join(newFolder(), `model${extension}`)
    writeFileSync(path, Buffer.from(content, 'latin1'))
    await expect(openCheckpoint(path)).rejects.toMatchObject({
      name: 'LoomError',
      message: expect.stringContaining(is),
    })
  })
})
