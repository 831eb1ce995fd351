import { expect, test } from 'vitest'
import { openCheckpoint } from '#engine/models/detect.ts'
import { buildVaeDecoder, buildVaeEncoder } from '#engine/models/networks/vae.ts'
import { goldenCheckpoint } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { floatsOf, openSession, sample } from '../onnx.ts'

const golden = readGolden<{ readonly tolerance: number }>('vae')
const { tolerance } = golden.json
const { vae } = await openCheckpoint(goldenCheckpoint('vae'))
if (!vae) throw new Error('The golden checkpoint has no VAE.')
const shapeOf = (name: string) => golden.tensors.get(name)?.shape ?? []
const toUnit = (x: number) => Math.min(1, Math.max(0, x / 2 + 0.5))

test('encoding gives mean and log variance of diffusers', async () => {
  const session = await openSession(buildVaeEncoder(vae))
  const image = { data: golden.floats('image').map((x) => x / 2 + 0.5), shape: shapeOf('image') }
  for (const name of ['mean', 'logvar']) {
    expect(largestDifference(await floatsOf(session, { image }, name), golden.floats(name))).toBeLessThan(tolerance)
  }
})

test('decoding gives the picture of diffusers, in 0..1', async () => {
  const session = await openSession(buildVaeDecoder(vae))
  const latent = { data: golden.floats('z').map((x) => x * vae.config.scaling), shape: shapeOf('z') }
  const image = await floatsOf(session, { latent }, 'image')
  expect(largestDifference(image, golden.floats('decoded').map(toUnit))).toBeLessThan(tolerance)
})

test('one session takes any size and batch', async () => {
  const encoder = await openSession(buildVaeEncoder(vae))
  const decoder = await openSession(buildVaeDecoder(vae))
  for (const [batch, height, width] of [
    [1, 5, 3],
    [2, 8, 4],
  ] as const) {
    const { mean } = await encoder.run({ image: sample([batch, 3, 8 * height, 8 * width]) })
    expect(mean?.shape).toEqual([batch, 4, height, width])
    const { image } = await decoder.run({ latent: sample([batch, 4, height, width]) })
    expect(image?.shape).toEqual([batch, 3, 8 * height, 8 * width])
  }
})
