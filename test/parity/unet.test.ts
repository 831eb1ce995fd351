import { beforeAll, describe, expect, test } from 'vitest'
import { buildUnet } from '#engine/models/networks/unet.ts'
import type { FloatTensor } from '#engine/tensor/float-tensor.ts'
import { largestDifference } from '../goldens.ts'
import { floatsOf, openSession, sample, type TestSession } from '../onnx.ts'
import { goldenUnet } from './golden-unet.ts'

test.each(['unet-sd15', 'unet-lcm-w', 'unet-sdxl', 'unet-ssd1b'])(
  '%s gives the prediction of diffusers',
  async (name) => {
    const { network, feeds, expected, tolerance } = await goldenUnet(name)
    const session = await openSession(buildUnet(network))
    expect(largestDifference(await floatsOf(session, feeds, 'prediction'), expected)).toBeLessThan(tolerance)
  },
)

describe('one session', () => {
  let session: TestSession
  beforeAll(async () => {
    session = await openSession(buildUnet((await goldenUnet('unet-sd15')).network))
  })

  const inputs = (batch: number, height: number, width: number, tokens: number) => ({
    latent: sample([batch, 4, height, width]),
    timestep: sample([batch]),
    context: sample([batch, tokens, 64]),
  })

  test.each([
    [1, 8, 8, 77],
    [2, 12, 20, 154],
    [1, 9, 7, 77],
    [3, 16, 24, 1],
  ])('takes batch %i, latent %i x %i, %i tokens', async (batch, height, width, tokens) => {
    const { prediction } = await session.run(inputs(batch, height, width, tokens))
    expect(prediction?.shape).toEqual([batch, 4, height, width])
    expect(Array.from(prediction?.data as Float32Array).every(Number.isFinite)).toBe(true)
  })

  test('pictures of a batch do not touch each other', async () => {
    const { latent, timestep, context } = inputs(2, 9, 12, 77)
    const both = await floatsOf(session, { latent, timestep, context }, 'prediction')
    const second = { latent: lastOf(latent), timestep: lastOf(timestep), context: lastOf(context) }
    const alone = await floatsOf(session, second, 'prediction')
    expect(largestDifference(both.subarray(both.length / 2), alone)).toBeLessThan(1e-5)
  })
})

/** The last of a batch, as a batch of one. */
function lastOf({ data, shape: [batch = 1, ...shape] }: FloatTensor): FloatTensor {
  return { data: data.slice(-data.length / batch), shape: [1, ...shape] }
}
