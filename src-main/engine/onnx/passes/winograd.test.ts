import { expect, test } from 'vitest'
import { largestDifference } from '#test/goldens.ts'
import { floatsOf, openBytes, sample } from '#test/onnx.ts'
import { type Dim, floorDivide, multiplyDims, symbol } from '../dim.ts'
import { encode } from '../encode.ts'
import { Graph } from '../graph.ts'
import type { Attributes, Value } from '../ir.ts'
import { runPasses } from './rewrite.ts'
import { type WeightPlace, winograd } from './winograd.ts'

const passFor = (place: WeightPlace) => ({ name: 'winograd', rules: { Conv: winograd(place) } })

const attributes = { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], group: 1 }
const nearest = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }

/** A 3x3 convolution from 64 to 96 channels of a picture, which `resize` may change first. */
function graphOf(height: Dim, resize: (graph: Graph, x: Value) => Value = (_, x) => x): Graph {
  const graph = new Graph()
  const x = graph.input('x', 'float32', [symbol('batch'), 64, height, symbol('width')])
  const values = sample([96, 64, 3, 3]).data.map((value) => value / 24)
  const bias = graph.constant(sample([96]).data)
  const weight = graph.constant(values, [96, 64, 3, 3])
  graph.output('y', graph.add('Conv', [resize(graph, x), weight, bias], attributes))
  return graph
}

function twice(graph: Graph, x: Value): Value {
  return graph.add('Resize', [x, undefined, graph.constant(Float32Array.of(1, 1, 2, 2)), undefined], nearest)
}

const height = symbol('height')

test.each<[what: string, graph: Graph, strips: number, resizes: number]>([
  ['a picture', graphOf(height), 0, 0],
  ['a large picture in strips', graphOf(multiplyDims(height, 4)), 4, 0],
  ['a picture drawn twice as large', graphOf(height, twice), 0, 0],
  ['one in strips', graphOf(multiplyDims(height, 2), twice), 2, 0],
  ['a small picture', graphOf(floorDivide(height, 4)), 0, 0],
  ['a small picture drawn twice as large', graphOf(floorDivide(height, 8), twice), 0, 0],
])('of %s gives what the convolution gives, at any size and batch', async (_, graph, strips, resizes) => {
  const rewritten = runPasses(graph, [passFor('file')], { verify: true })
  const count = (op: string) => rewritten.nodes.filter((node) => node.op === op).length
  expect([count('Pad'), count('Resize'), count('Transpose')]).toEqual([strips, resizes, 2 * Math.max(strips, 1)])
  const [plain, fast] = await Promise.all([openBytes(encode(graph)), openBytes(encode(rewritten))])
  for (const shape of [
    [1, 64, 8, 8],
    [2, 64, 20, 7],
    [3, 64, 4, 2],
    [2, 64, 12, 11],
    ...(strips === 0
      ? [
          [2, 64, 5, 7],
          [3, 64, 1, 1],
        ]
      : []),
  ]) {
    const feeds = { x: { data: sample(shape).data, shape: shape } }
    const expected = await floatsOf(plain, feeds, 'y')
    expect(largestDifference(await floatsOf(fast, feeds, 'y'), expected)).toBeLessThan(1e-4)
  }
})

test.each([
  ['few channels', [64, 32, 3, 3], attributes, symbol('height')],
  ['a stride', [64, 64, 3, 3], { ...attributes, strides: [2, 2] }, symbol('height')],
  ['a tiny picture', [64, 64, 3, 3], attributes, floorDivide(symbol('height'), 16)],
  ['a 1x1 kernel', [64, 64, 1, 1], { ...attributes, kernel_shape: [1, 1], pads: [0, 0, 0, 0] }, symbol('height')],
] as const)('leaves %s alone', (_, shape, given, size) => {
  expect(opsOf(shape, given, size, 'file')).toEqual(['Conv'])
})

test('takes more weights for small pictures only where the session does not own them', () => {
  const opsAt = (size: Dim, place: WeightPlace, change?: Change) =>
    opsOf([64, 64, 3, 3], attributes, size, place, change)
  const small = floorDivide(symbol('height'), 4)
  expect(opsAt(small, 'file')).toContain('Einsum')
  expect(opsAt(small, 'memory')).toEqual(['Conv'])
  const changed: Change = (graph, weight) => graph.add('Add', [weight, weight], {})
  expect(opsAt(small, 'file', changed)).toEqual(['Add', 'Conv'])
  expect(opsAt(symbol('height'), 'memory', changed)).toContain('Einsum')
})

type Change = (graph: Graph, weight: Value) => Value

/** Ops of a convolution by a weight in a file, which `change` may change, after the pass. */
function opsOf(
  shape: readonly number[],
  given: Attributes<'Conv'>,
  size: Dim,
  place: WeightPlace,
  change: Change = (_, weight) => weight,
): string[] {
  const graph = new Graph()
  const x = graph.input('x', 'float32', [symbol('batch'), shape[1] ?? 1, size, symbol('width')])
  const weight = graph.weight('w', 'float32', shape, { file: '/w', offset: 0, byteLength: 0 })
  graph.output('y', graph.add('Conv', [x, change(graph, weight), undefined], given))
  return runPasses(graph, [passFor(place)]).nodes.map(({ op }) => op)
}
