import { expect, test } from 'vitest'
import { openCheckpoint } from '#engine/models/detect.ts'
import { modelOf } from '#engine/models/networks/model.ts'
import { Module } from '#engine/models/networks/module.ts'
import { transformer } from '#engine/models/networks/transformer.ts'
import { symbol } from '#engine/onnx/dim.ts'
import { Graph } from '#engine/onnx/graph.ts'
import { withoutKernel } from '#engine/onnx/kernels.ts'
import { passesFor } from '#engine/onnx/passes/recipes.ts'
import { runPasses } from '#engine/onnx/passes/rewrite.ts'
import type { FloatTensor } from '#engine/tensor/float-tensor.ts'
import { EngineRunner, pixelsOf, template } from '../engine-runner.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { largestDifference } from '../goldens.ts'
import { floatsOf, openSession, sample } from '../onnx.ts'
import { smallModels, writeSmallCheckpoint } from '../small-models.ts'

const { unet } = await openCheckpoint(writeSmallCheckpoint(`${temporaryFolder()}/small.safetensors`))

/** The transformer of the first block of the small UNet. */
function transformerGraph(keyStride: number): Graph {
  if (!unet) throw new Error('The small checkpoint has no UNet.')
  const graph = new Graph()
  const x = graph.input('x', 'float32', [symbol('batch'), 32, symbol('height'), symbol('width')])
  const context = graph.input('context', 'float32', [symbol('batch'), symbol('tokens'), 64])
  const module = new Module(graph, unet.weights).at('down_blocks.0.attentions.0')
  graph.output('y', transformer(module, x, { depth: 1, heads: 8, context, keyStride }))
  return graph
}

async function transformed(keyStride: number, x: FloatTensor): Promise<Float32Array> {
  const session = await openSession(modelOf(transformerGraph(keyStride)))
  return floatsOf(session, { x, context: sample([2, 77, 64]) }, 'y')
}

/** Each pixel of a picture, `times` by `times`. */
function enlarged({ data, shape: [batch = 1, channels = 1, height = 1, width = 1] }: FloatTensor, times: number) {
  const shape = [batch, channels, times * height, times * width]
  const values = new Float32Array(data.length * times * times)
  for (let index = 0; index < values.length; index++) {
    const [column, row] = [index % (times * width), Math.floor(index / (times * width)) % (times * height)]
    const plane = Math.floor(index / (times * width * times * height))
    values[index] = data[(plane * height + Math.floor(row / times)) * width + Math.floor(column / times)] ?? 0
  }
  return { data: values, shape }
}

test.each([2, 3, 4])('attention to every %dth pixel is exact where the others are the same', async (stride) => {
  const x = enlarged(sample([2, 32, 3, 2]), stride)
  expect(largestDifference(await transformed(stride, x), await transformed(1, x))).toBeLessThan(1e-5)
})

test('attention to every 2nd pixel takes odd sizes, and differs elsewhere', async () => {
  const x = sample([2, 32, 7, 5])
  const difference = largestDifference(await transformed(2, x), await transformed(1, x))
  expect(difference).toBeGreaterThan(1e-3)
  expect(difference).toBeLessThan(10)
})

test('devices have kernels for it', () => {
  for (const provider of ['cpu', 'cuda', 'dml', 'coreml', 'webgpu'] as const) {
    const precision = provider === 'cpu' ? 'float32' : 'float16'
    const graph = runPasses(transformerGraph(2), passesFor(provider, precision), { verify: true })
    expect(withoutKernel(graph, provider)).toEqual([])
  }
})

test('a checkpoint takes an attention stride, which changes the picture; 1 is the network itself', async () => {
  const runner = new EngineRunner(smallModels())
  const draw = async (stride: string) => {
    const run = await runner.run(template('lcm-lora'), { set: { steps: '1', 'checkpoint.keyStride': stride } })
    return { sessions: run.sessions, pixels: (await pixelsOf(run))[0] }
  }
  const plain = await draw('1')
  const sparse = await draw('2')
  expect(sparse.sessions).toBe(1)
  expect(sparse.pixels?.equals(plain.pixels ?? Buffer.of())).toBe(false)
  await runner.close()
})
