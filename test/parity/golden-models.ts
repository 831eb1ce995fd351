import type { VaePart } from '#core/plan/attributes.ts'
import { openTensorFile } from '#engine/files/tensor-file.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { readNetwork } from '#engine/models/keys/network-kind.ts'
import { taesd } from '#engine/models/keys/taesd.ts'
import type { Model } from '#engine/models/networks/model.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { buildVaePart } from '#engine/models/networks/vae.ts'
import { refsOf } from '#engine/models/parts.ts'
import { goldenCheckpoint, temporaryFolder } from '../golden-networks.ts'
import { readGolden } from '../goldens.ts'
import { type Feeds, floatsOf, openSession, sample } from '../onnx.ts'
import { scene } from '../scene.ts'
import { writeSmallCheckpoint } from '../small-models.ts'
import { writeTensors } from '../tensor-file.ts'
import { textFeeds } from '../text-feeds.ts'
import { tinyAutoencoder, tinyTensors } from '../tiny-autoencoder.ts'
import { goldenUnet } from './golden-unet.ts'

/** A network, what it is fed, and the numbers that PyTorch has for an output. */
export interface GoldenModel {
  readonly model: Model
  readonly feeds: Feeds
  readonly output: string
  readonly expected: Float32Array
  readonly tolerance: number
}

const unet = (name: string) => async (): Promise<GoldenModel> => {
  const { network, ...golden } = await goldenUnet(name)
  return { ...golden, model: buildUnet(network), output: 'prediction' }
}

const textEncoder = (name: string, part: 'textEncoder' | 'textEncoder2') => async (): Promise<GoldenModel> => {
  const golden = readGolden<{ readonly tolerance: number }>(name)
  const { [part]: encoder } = await openCheckpoint(goldenCheckpoint(name))
  if (!encoder) throw new Error(`The golden checkpoint ${name} has no text encoder.`)
  const ids = { data: golden.integers('ids'), shape: golden.tensors.get('ids')?.shape ?? [] }
  return {
    model: buildTextEncoder({ [part]: encoder, skip: 'auto' }),
    feeds: textFeeds(ids, encoder.config.width, part === 'textEncoder2' ? '2' : undefined),
    output: 'pooled',
    expected: golden.floats('pooled'),
    tolerance: golden.json.tolerance,
  }
}

/** A UNet of one level, for devices that take minutes for the goldens' four. Its golden is the processor's own. */
async function smallUnet(): Promise<GoldenModel> {
  const { unet } = await openCheckpoint(writeSmallCheckpoint(`${temporaryFolder()}/small.safetensors`))
  if (!unet) throw new Error('The small checkpoint has no UNet.')
  const model = buildUnet(unet)
  const feeds = { latent: sample([1, 4, 8, 8]), timestep: sample([1]), context: sample([1, 77, 64]) }
  const expected = await floatsOf(await openSession(model), feeds, 'prediction')
  return { model, feeds, output: 'prediction', expected, tolerance: 2e-4 }
}

/** Networks of every kind and family, each with a golden. */
export const goldenModels = {
  'unet-small': smallUnet,
  'unet-sd15': unet('unet-sd15'),
  'unet-lcm-w': unet('unet-lcm-w'),
  'unet-sdxl': unet('unet-sdxl'),
  'unet-ssd1b': unet('unet-ssd1b'),
  'clip-l': textEncoder('clip-l', 'textEncoder'),
  'openclip-g': textEncoder('openclip-g', 'textEncoder2'),
  'vae-encoder': async () => {
    const golden = readGolden<{ readonly tolerance: number }>('vae')
    const image = golden.floats('image').map((x) => x / 2 + 0.5)
    return {
      model: await vaePart('encoder'),
      feeds: { image: { data: image, shape: golden.tensors.get('image')?.shape ?? [] } },
      output: 'mean',
      expected: golden.floats('mean'),
      tolerance: golden.json.tolerance,
    }
  },
  'taesd-decoder': async () => {
    const file = await openTensorFile(writeTensors(`${temporaryFolder()}/tiny.safetensors`, tinyTensors()))
    const part = { naming: 'diffusers', tensors: new Map(refsOf(file).map((ref) => [ref.name, ref])) } as const
    return {
      model: buildVaePart('decoder', readNetwork(taesd, part, 'sd1').network),
      feeds: { latent: scene([2, 4, 6, 8], -4, 4) },
      output: 'image',
      expected: tinyAutoencoder.floats('decoded'),
      tolerance: tinyAutoencoder.json.tolerance,
    }
  },
} satisfies Record<string, () => Promise<GoldenModel>>

/** A part of the golden VAE. */
export async function vaePart(part: VaePart): Promise<Model> {
  const { vae } = await openCheckpoint(goldenCheckpoint('vae'))
  if (!vae) throw new Error('The golden checkpoint has no VAE.')
  return buildVaePart(part, vae)
}
