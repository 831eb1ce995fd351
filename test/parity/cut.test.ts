import { beforeAll, describe, expect, test } from 'vitest'
import { cancelled } from '#core/errors.ts'
import type { LoweredModel } from '#engine/models/networks/model.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { cut } from '#engine/onnx/cut.ts'
import { encode } from '#engine/onnx/encode.ts'
import type { Graph } from '#engine/onnx/graph.ts'
import { operands } from '#engine/onnx/ir.ts'
import { lower } from '#engine/onnx/passes/recipes.ts'
import { runPasses } from '#engine/onnx/passes/rewrite.ts'
import { verify } from '#engine/onnx/verify.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import { NetworkSession } from '#engine/runtime/session.ts'
import { largestDifference } from '../goldens.ts'
import { openBytes, runParts, sample } from '../onnx.ts'
import { type GoldenUnet, goldenUnet } from './golden-unet.ts'

const most = 2 ** 20

/** Names of the weights that a graph reads, and their bytes in float32. */
function weightsOf(graph: Graph): Map<string, number> {
  const weights = new Map<string, number>()
  for (const value of graph.nodes.flatMap(operands)) {
    if (value?.origin.kind !== 'weight') continue
    weights.set(
      value.name,
      value.shape.reduce<number>((size, dim) => size * Number(dim), 4),
    )
  }
  return weights
}

describe('a UNet cut into parts', () => {
  let golden: GoldenUnet
  let whole: Graph
  let parts: readonly Graph[]
  beforeAll(async () => {
    golden = await goldenUnet('unet-sd15')
    whole = runPasses(buildUnet(golden.network).graph, [lower('cpu')])
    parts = cut(whole, most)
  })

  test('is the same network', async () => {
    for (const part of parts) verify(part)
    const sessions = await Promise.all(parts.map((part) => openBytes(encode(part))))
    const predict = async (feeds: GoldenUnet['feeds']) => (await runParts(sessions, feeds)).get('prediction')
    expect(largestDifference((await predict(golden.feeds))?.data as Float32Array, golden.expected)).toBeLessThan(
      golden.tolerance,
    )
    const odd = { latent: sample([1, 4, 9, 7]), timestep: sample([1]), context: sample([1, 154, 64]) }
    expect((await predict(odd))?.shape).toEqual([1, 4, 9, 7])
  })

  test('predicts the same to the bit where the shapes of all values are told', async () => {
    const odd = { latent: sample([2, 4, 9, 7]), timestep: sample([2]), context: sample([2, 154, 64]) }
    const predict = async (shapes: boolean) => {
      const sessions = await Promise.all(parts.map((part) => openBytes(encode(part, { shapes }), 'cpu', 'basic')))
      return (await runParts(sessions, odd)).get('prediction')?.data
    }
    expect(await predict(true)).toEqual(await predict(false))
  })

  test('is not loaded on when that is cancelled between two parts', async () => {
    const loaded: number[] = []
    const lowered = buildUnet(golden.network).lowered()
    const model: LoweredModel = { ...lowered, lowered: () => model, parts: () => parts.map((part) => encode(part)) }
    const loading = NetworkSession.create('UNet', model, chooseDevice('cpu'), {
      verify: false,
      async loaded(part) {
        loaded.push(part)
        if (part === 2) throw cancelled()
      },
    })
    await expect(loading).rejects.toMatchObject({ code: 'cancelled' })
    expect(loaded).toEqual([1, 2])
  })

  test('has every weight once, in parts of bounded size', () => {
    const perPart = parts.map(weightsOf)
    const names = perPart.flatMap((weights) => [...weights.keys()])
    expect(parts.length).toBeGreaterThan(5)
    expect(names.toSorted()).toEqual([...weightsOf(whole).keys()].toSorted())
    for (const weights of perPart) {
      const sizes = [...weights.values()]
      const bytes = sizes.reduce((sum, size) => sum + size, 0)
      expect(bytes).toBeLessThanOrEqual(Math.max(most, ...sizes) + most / 8)
    }
  })

  test('stays whole where it is small', () => {
    expect(cut(whole, 2 ** 40)).toEqual([whole])
  })
})
