import type { Network } from '#engine/models/checkpoint.ts'
import type { UnetConfig } from '#engine/models/config.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { goldenCheckpoint } from '../golden-networks.ts'
import { readGolden } from '../goldens.ts'
import type { Feeds } from '../onnx.ts'

interface UnetCase {
  readonly tolerance: number
}

export interface GoldenUnet {
  readonly network: Network<UnetConfig>
  readonly feeds: Feeds
  readonly expected: Float32Array
  readonly tolerance: number
}

/** A UNet golden with its checkpoint written and opened. */
export async function goldenUnet(name: string): Promise<GoldenUnet> {
  const golden = readGolden<UnetCase>(name)
  const { unet } = await openCheckpoint(goldenCheckpoint(name))
  if (!unet) throw new Error(`The golden checkpoint ${name} has no UNet.`)
  const tensor = (key: string, data?: Float32Array) => {
    const { shape } = golden.tensors.get(key) ?? { shape: [] }
    return { data: data ?? golden.floats(key), shape }
  }
  const feeds = {
    latent: tensor('latent'),
    context: tensor('context'),
    timestep: tensor('timestep', Float32Array.from(golden.integers('timestep'), Number)),
    ...(golden.tensors.has('vector') ? { vector: tensor('vector') } : {}),
    ...(golden.tensors.has('guidance_embedding') ? { guidance: tensor('guidance_embedding') } : {}),
  }
  return { network: unet, feeds, expected: golden.floats('eps'), tolerance: golden.json.tolerance }
}
