import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCheckpoint } from '#engine/models/detect.ts'
import { buildVaeDecoder, buildVaePart } from '#engine/models/networks/vae.ts'
import { peephole } from '#engine/onnx/passes/peephole.ts'
import { lower, type Provider } from '#engine/onnx/passes/recipes.ts'
import { runPasses } from '#engine/onnx/passes/rewrite.ts'
import { goldenTensors, temporaryFolder } from '../golden-networks.ts'
import { readGolden } from '../goldens.ts'
import { floatsOf, openSession, sample } from '../onnx.ts'
import { writeTensors } from '../tensor-file.ts'

/** The largest number in half precision. */
const largest = 65504

const { weights, salt } = readGolden<{
  readonly weights: Readonly<Record<string, readonly number[]>>
  readonly salt: number
}>('vae').json

/** A VAE stored in half precision whose activations leave it, as SDXL's do: two biases that half precision holds, but not their sum. */
async function overflowing() {
  const tensors = goldenTensors(weights, salt).map((tensor) =>
    /decoder\.(conv_in|mid\.block_1\.conv2)\.bias$/.test(tensor.name)
      ? { ...tensor, values: tensor.values.map((_, i) => (i % 2 === 0 ? 60000 : -60000)) }
      : tensor,
  )
  const { vae } = await openCheckpoint(writeTensors(join(temporaryFolder(), 'overflow.safetensors'), tensors))
  if (!vae) throw new Error('The checkpoint has no VAE.')
  return vae
}

test('a VAE in half precision decodes to a picture though its activations leave half precision', async () => {
  const vae = await overflowing()
  const latent = { data: Float32Array.from(sample([1, 4, 8, 8]).data), shape: [1, 4, 8, 8] }
  const inner = await openSession(buildVaePart('decoder-inner', vae))
  const features = await floatsOf(inner, { latent }, 'features')
  expect(features.reduce((most, value) => Math.max(most, Math.abs(value)), 0)).toBeGreaterThan(largest)
  const image = await floatsOf(await openSession(buildVaeDecoder(vae)), { latent }, 'image')
  expect(image.every(Number.isFinite)).toBe(true)
  expect(new Set(image).size).toBeGreaterThan(100)
})

test.each<Provider>(['cpu', 'cuda', 'dml', 'coreml', 'webgpu'])(
  'lowered for %s it computes in no precision but float32',
  async (provider) => {
    const { graph } = buildVaeDecoder(await overflowing())
    const { nodes } = runPasses(graph, [lower(provider), peephole], { verify: true })
    const kinds = new Set(nodes.flatMap(({ outputs }) => outputs.map(({ dtype }) => dtype)))
    expect([...kinds].sort()).toEqual(['float32', 'int64'])
  },
)
