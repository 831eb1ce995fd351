import { expect, test } from 'vitest'
import { openCheckpoint } from '#engine/models/detect.ts'
import type { Model } from '#engine/models/networks/model.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { buildVaeDecoder, buildVaeEncoder } from '#engine/models/networks/vae.ts'
import { evaluateDim } from '#engine/onnx/dim.ts'
import { encode } from '#engine/onnx/encode.ts'
import { lower } from '#engine/onnx/passes/recipes.ts'
import { runPasses } from '#engine/onnx/passes/rewrite.ts'
import { goldenCheckpoint } from '../golden-networks.ts'
import { type Feeds, openBytes, sample } from '../onnx.ts'
import { textFeeds } from '../text-feeds.ts'

const { unet, vae, textEncoder } = await openCheckpoint(goldenCheckpoint('unet-sd15', 'vae', 'clip-l'))
if (!unet || !vae || !textEncoder) throw new Error('The golden checkpoint is incomplete.')

const sizes = { batch: 2, height: 11, width: 14, tokens: 5, imageHeight: 19, imageWidth: 13 }
const { batch, height, width } = sizes

test.each<[string, Model, Feeds]>([
  [
    'UNet',
    buildUnet(unet),
    {
      latent: sample([batch, 4, height, width]),
      timestep: sample([batch]),
      context: sample([batch, sizes.tokens, 64]),
    },
  ],
  ['VAE encoder', buildVaeEncoder(vae), { image: sample([batch, 3, sizes.imageHeight, sizes.imageWidth]) }],
  ['VAE decoder', buildVaeDecoder(vae), { latent: sample([batch, 4, height, width]) }],
  [
    'text encoder',
    buildTextEncoder({ textEncoder, skip: 1 }),
    textFeeds({ data: new BigInt64Array(batch * 77), shape: [batch, 77] }, textEncoder.config.width),
  ],
])('every value of the %s has the shape and dtype that were inferred', async (_, model, feeds) => {
  const graph = runPasses(model.graph, [lower('cpu')], { verify: true })
  graph.outputs.length = 0
  for (const value of graph.nodes.flatMap(({ outputs }) => outputs)) graph.output(`out ${value.name}`, value)
  const results = await (await openBytes(encode(graph))).run(feeds)
  const actual = graph.outputs.map(({ name }) => `${name} ${results[name]?.type} [${results[name]?.shape}]`)
  const inferred = graph.outputs.map(
    ({ name, value }) => `${name} ${value.dtype} [${value.shape.map((size) => evaluateDim(size, sizes))}]`,
  )
  expect(actual).toEqual(inferred)
})
