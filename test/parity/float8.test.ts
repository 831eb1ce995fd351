import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { goldenTensors, temporaryFolder } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { floatsOf, openSession } from '../onnx.ts'
import { type Float8, throughFloat8, writeTensors } from '../tensor-file.ts'
import { textFeeds } from '../text-feeds.ts'
import { goldenUnet } from './golden-unet.ts'

const folder = temporaryFolder()

interface Golden {
  readonly weights: Readonly<Record<string, readonly number[]>>
  readonly salt: number
}

/** A golden's weights in float8, and the same numbers in float32. */
async function checkpoints(golden: string, dtype: Float8): Promise<readonly [Checkpoint, Checkpoint]> {
  const { weights, salt } = readGolden<Golden>(golden).json
  const tensors = goldenTensors(weights, salt)
  const rounded = tensors.map((tensor) => ({ ...tensor, values: throughFloat8(tensor.values, dtype) }))
  const path = (storedAs: string) => join(folder, `${golden}-${storedAs}.safetensors`)
  return [
    await openCheckpoint(writeTensors(path(dtype), tensors, dtype)),
    await openCheckpoint(writeTensors(path(`${dtype}-32`), rounded, 'F32')),
  ]
}

describe('float8 weights count as the float32 numbers that they are', () => {
  test('in a UNet', async () => {
    const { feeds } = await goldenUnet('unet-sd15')
    const predict = async ({ unet }: Checkpoint) =>
      floatsOf(await openSession(buildUnet(unet ?? missing())), feeds, 'prediction')
    const [narrow, wide] = await checkpoints('unet-sd15', 'F8_E4M3')
    expect(largestDifference(await predict(narrow), await predict(wide))).toBeLessThan(1e-5)
  })

  test.each(['F8_E4M3', 'F8_E5M2'] as const)('in a text encoder, as %s', async (dtype) => {
    const tokens = { data: BigInt64Array.from({ length: 77 }, (_, index) => BigInt(index * 600)), shape: [1, 77] }
    const encode = async ({ textEncoder }: Checkpoint) => {
      const network = textEncoder ?? missing()
      const session = await openSession(buildTextEncoder({ textEncoder: network, skip: 'auto' }))
      return floatsOf(session, textFeeds(tokens, network.config.width), 'context')
    }
    const [narrow, wide] = await checkpoints('clip-l', dtype)
    expect(largestDifference(await encode(narrow), await encode(wide))).toBeLessThan(1e-5)
  })
})

function missing(): never {
  throw new Error('The checkpoint lacks its network.')
}
