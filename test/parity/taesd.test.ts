import { describe, expect, test } from 'vitest'
import { LoomError } from '#core/errors.ts'
import type { Naming } from '#core/families/family.ts'
import { openTensorFile } from '#engine/files/tensor-file.ts'
import type { Network } from '#engine/models/checkpoint.ts'
import type { TaesdConfig } from '#engine/models/config.ts'
import { readNetwork } from '#engine/models/keys/network-kind.ts'
import { taesd } from '#engine/models/keys/taesd.ts'
import { buildVaeDecoder, buildVaeEncoder } from '#engine/models/networks/vae.ts'
import { refsOf } from '#engine/models/parts.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { largestDifference } from '../goldens.ts'
import { floatsOf, openSession } from '../onnx.ts'
import { scene } from '../scene.ts'
import { writeTensors } from '../tensor-file.ts'
import { tinyAutoencoder, tinyTensors } from '../tiny-autoencoder.ts'

const golden = tinyAutoencoder
const { tolerance } = golden.json

async function open(naming: Naming, half?: 'encoder' | 'decoder'): Promise<Network<TaesdConfig>> {
  const file = await openTensorFile(writeTensors(`${temporaryFolder()}/tiny.safetensors`, tinyTensors(half)))
  const part = { naming, tensors: new Map(refsOf(file).map((ref) => [ref.name, ref])) }
  return readNetwork(taesd, part, 'sd1').network
}

async function encode(network: Network<TaesdConfig>): Promise<Float32Array> {
  const session = await openSession(buildVaeEncoder(network))
  return floatsOf(session, { image: scene([2, 3, 48, 64], 0, 1) }, 'mean')
}

async function decode(network: Network<TaesdConfig>): Promise<Float32Array> {
  const session = await openSession(buildVaeDecoder(network))
  return floatsOf(session, { latent: scene([2, 4, 6, 8], -4, 4) }, 'image')
}

describe("diffusers' AutoencoderTiny", () => {
  test('encodes and decodes as in diffusers', async () => {
    const network = await open('diffusers')
    expect(network.config).toEqual({
      kind: 'taesd',
      latentChannels: 4,
      channels: 32,
      halves: ['encoder', 'decoder'],
      scaling: 1,
    })
    expect(largestDifference(await encode(network), golden.floats('encoded'))).toBeLessThan(tolerance)
    expect(largestDifference(await decode(network), golden.floats('decoded'))).toBeLessThan(tolerance)
  })
})

describe('the published files, a half each,', () => {
  test('give what both halves in one file give', async () => {
    const encoder = await open('ldm', 'encoder')
    const decoder = await open('ldm', 'decoder')
    expect([encoder.config.halves, decoder.config.halves]).toEqual([['encoder'], ['decoder']])
    expect(largestDifference(await encode(encoder), golden.floats('encoded'))).toBeLessThan(tolerance)
    expect(largestDifference(await decode(decoder), golden.floats('decoded'))).toBeLessThan(tolerance)
  })

  test('refuse the half that they lack', async () => {
    const encoder = await open('ldm', 'encoder')
    const decoder = await open('ldm', 'decoder')
    expect(() => buildVaeDecoder(encoder)).toThrow(LoomError)
    expect(() => buildVaeDecoder(encoder)).toThrow('holds the encoder of a tiny autoencoder alone')
    expect(() => buildVaeEncoder(decoder)).toThrow('holds the decoder of a tiny autoencoder alone')
  })
})
