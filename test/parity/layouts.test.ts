import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import type { Model } from '#engine/models/networks/model.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { buildVaeDecoder, buildVaeEncoder } from '#engine/models/networks/vae.ts'
import { goldenTensors, temporaryFolder } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { type Feeds, floatsOf, openSession, sample } from '../onnx.ts'
import { fromBfloat16, type TensorValues, toBfloat16, writeTensors } from '../tensor-file.ts'
import { textFeeds } from '../text-feeds.ts'

type Shapes = Readonly<Record<string, readonly number[]>>

const { weights, salt } = readGolden<{ readonly weights: Shapes; readonly salt: number }>('pipelines').json
const folder = temporaryFolder()
const tensors = goldenTensors(weights, salt)
const at = (name: string) => join(folder, name)

/** Diffusers' UNet names by those of the single file, as the `lora` golden lists them. */
const unetNames = new Map(
  Object.entries(
    readGolden<{ readonly diffusers_to_ldm: Readonly<Record<string, string>> }>('lora').json.diffusers_to_ldm,
  ).map(([diffusers, ldm]) => [ldm, diffusers]),
)

/** What diffusers' conversion script does to the names of a VAE of four levels. */
function vaeName(ldm: string): string {
  return ldm
    .replace(/^first_stage_model\./, '')
    .replace(/encoder\.down\.(\d)\.block\.(\d)/, 'encoder.down_blocks.$1.resnets.$2')
    .replace(/encoder\.down\.(\d)\.downsample/, 'encoder.down_blocks.$1.downsamplers.0')
    .replace(
      /decoder\.up\.(\d)\.(block|upsample)/,
      (_, level, what) => `decoder.up_blocks.${3 - Number(level)}.${what}`,
    )
    .replace(/(up_blocks\.\d)\.block\.(\d)/, '$1.resnets.$2')
    .replace(/(up_blocks\.\d)\.upsample/, '$1.upsamplers.0')
    .replace('nin_shortcut', 'conv_shortcut')
    .replace('norm_out', 'conv_norm_out')
    .replace(/mid\.block_([12])/, (_, block) => `mid_block.resnets.${Number(block) - 1}`)
    .replace(/mid\.attn_1\.(\w+)/, (_, layer) => `mid_block.attentions.0.${attentionNames[layer]}`)
}

const attentionNames: Readonly<Record<string, string>> = {
  norm: 'group_norm',
  q: 'to_q',
  k: 'to_k',
  v: 'to_v',
  proj_out: 'to_out.0',
}

/** How diffusers called the same before version 0.17. */
const olderNames: Readonly<Record<string, string>> = {
  to_q: 'query',
  to_k: 'key',
  to_v: 'value',
  'to_out.0': 'proj_attn',
}

const parts = [
  {
    file: 'unet/diffusion_pytorch_model',
    prefix: 'model.diffusion_model.',
    rename: (ldm: string) => unetNames.get(ldm) ?? ldm,
  },
  {
    file: 'text_encoder/model',
    prefix: 'cond_stage_model.transformer.',
    rename: (ldm: string) => ldm.replace('cond_stage_model.transformer.', ''),
  },
  { file: 'vae/diffusion_pytorch_model', prefix: 'first_stage_model.', rename: vaeName },
] as const

/** The tensors as a diffusers folder; the attention of its VAE is linear there. */
function writeFolder(name: string, renameMore: (diffusers: string) => string = (same) => same): string {
  for (const { file, prefix, rename } of parts) {
    mkdirSync(join(at(name), file, '..'), { recursive: true })
    const own = tensors.filter((tensor) => tensor.name.startsWith(prefix))
    expect(own.length).toBeGreaterThan(30)
    writeTensors(
      join(at(name), `${file}.safetensors`),
      own.map((tensor) => {
        const newName = renameMore(rename(tensor.name))
        const linear = /mid_block\.attentions\.0\..*weight$/.test(newName) && prefix === 'first_stage_model.'
        return { ...tensor, name: newName, shape: linear ? tensor.shape.slice(0, 2) : tensor.shape }
      }),
    )
  }
  writeFileSync(join(at(name), 'model_index.json'), '{"_class_name":"StableDiffusionPipeline"}')
  return at(name)
}

const networks = ['text encoder', 'UNet', 'VAE encoder', 'VAE decoder'] as const
type Outputs = Readonly<Record<(typeof networks)[number], Float32Array>>

const feeds: { readonly [N in keyof Outputs]: [feeds: Feeds, output: string] } = {
  'text encoder': [
    textFeeds({ data: BigInt64Array.from({ length: 77 }, (_, i) => BigInt(i * 641)), shape: [1, 77] }, 64),
    'context',
  ],
  UNet: [{ latent: sample([1, 4, 8, 8]), timestep: sample([1]), context: sample([1, 77, 64]) }, 'prediction'],
  'VAE encoder': [{ image: sample([1, 3, 32, 32]) }, 'mean'],
  'VAE decoder': [{ latent: sample([1, 4, 4, 4]) }, 'image'],
}

function modelsOf({ unet, textEncoder, vae }: Checkpoint): { readonly [N in keyof Outputs]: Model } {
  if (!unet || !textEncoder || !vae) throw new Error('The checkpoint is incomplete.')
  return {
    'text encoder': buildTextEncoder({ textEncoder, skip: 1 }),
    UNet: buildUnet(unet),
    'VAE encoder': buildVaeEncoder(vae),
    'VAE decoder': buildVaeDecoder(vae),
  }
}

/** What the networks of a checkpoint give for the same inputs. */
async function outputsOf(path: string, only: readonly (keyof Outputs)[] = networks): Promise<Partial<Outputs>> {
  const models = modelsOf(await openCheckpoint(path))
  const outputs: { -readonly [N in keyof Outputs]?: Float32Array } = {}
  for (const network of only) {
    const session = await openSession(models[network])
    const data = await floatsOf(session, ...feeds[network])
    outputs[network] = data
    await session.release()
  }
  return outputs
}

let single: Partial<Outputs>
beforeAll(async () => {
  single = await outputsOf(writeTensors(at('float16.safetensors'), tensors))
})

test('a diffusers folder gives what the single file of its weights gives', async () => {
  expect(await outputsOf(writeFolder('folder'))).toEqual(single)
})

test('a folder whose VAE has the attention names of old gives the same', async () => {
  const vae = ['VAE encoder', 'VAE decoder'] as const
  const older = writeFolder('older', (name) =>
    name.replace(
      /(coder\.mid_block\.attentions\.0)\.(to_out\.0|to_.)/,
      (_, block, layer) => `${block}.${olderNames[layer]}`,
    ),
  )
  expect(await outputsOf(older, vae)).toEqual({
    'VAE encoder': single['VAE encoder'],
    'VAE decoder': single['VAE decoder'],
  })
})

describe('storage', () => {
  const rounded = tensors.map(
    (tensor): TensorValues => ({ ...tensor, values: fromBfloat16(toBfloat16(tensor.values)) }),
  )

  test('float32 of values that float16 holds gives what float16 gives', async () => {
    expect(await outputsOf(writeTensors(at('float32.safetensors'), tensors, 'F32'))).toEqual(single)
  })

  test('bfloat16 gives what float32 of its values gives, and float16 nearly that', async () => {
    const bfloat16 = await outputsOf(writeTensors(at('bfloat16.safetensors'), tensors, 'BF16'))
    expect(await outputsOf(writeTensors(at('rounded.safetensors'), rounded, 'F32'))).toEqual(bfloat16)
    for (const network of networks) {
      const difference = largestDifference(bfloat16[network] ?? [], single[network] ?? [])
      expect(difference).toBeGreaterThan(0)
      expect(difference).toBeLessThan(0.1)
    }
  })
})
