import { Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { largestDifference } from '#test/goldens.ts'
import { floatsOf, openBytes, sample } from '#test/onnx.ts'
import { symbol } from '../dim.ts'
import { encode } from '../encode.ts'
import { Graph } from '../graph.ts'
import { runPasses } from './rewrite.ts'
import { winograd } from './winograd.ts'

const pass = { name: 'winograd', rules: { Conv: winograd } }

const attributes = { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] }

test('gives what the convolution gives, at any size and batch', async () => {
  const graph = new Graph()
  const x = graph.input('x', 'float32', [symbol('batch'), 64, symbol('height'), symbol('width')])
  const weight = graph.constant(
    sample([96, 64, 3, 3]).data.map((value) => value / 24),
    [96, 64, 3, 3],
  )
  graph.output('y', graph.add('Conv', [x, weight, graph.constant(sample([96]).data)], attributes))
  const rewritten = runPasses(graph, [pass], { verify: true })
  expect(rewritten.nodes.some(({ op }) => op === 'DepthToSpace')).toBe(true)
  const [plain, fast] = await Promise.all([openBytes(encode(graph)), openBytes(encode(rewritten))])
  for (const shape of [
    [1, 64, 8, 8],
    [2, 64, 5, 7],
    [3, 64, 1, 2],
    [2, 64, 12, 11],
  ]) {
    const feeds = { x: new Tensor('float32', sample(shape).data, shape) }
    const expected = await floatsOf(plain, feeds, 'y')
    expect(largestDifference(await floatsOf(fast, feeds, 'y'), expected)).toBeLessThan(1e-4)
  }
})

test.each([
  ['few channels', [64, 32, 3, 3], attributes, 'height'],
  ['a stride', [64, 64, 3, 3], { ...attributes, strides: [2, 2] }, 'height'],
  ['a 1x1 kernel', [64, 64, 1, 1], { ...attributes, kernel_shape: [1, 1], pads: [0, 0, 0, 0] }, 'height'],
] as const)('leaves %s alone', (_, shape, given, height) => {
  const graph = new Graph()
  const x = graph.input('x', 'float32', [symbol('batch'), shape[1], symbol(height), symbol('width')])
  const weight = graph.weight('w', 'float32', shape, { file: '/w', offset: 0, byteLength: 0 })
  graph.output('y', graph.add('Conv', [x, weight, undefined], given))
  expect(runPasses(graph, [pass]).nodes.map(({ op }) => op)).toEqual(['Conv'])
})
