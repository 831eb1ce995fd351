import { expect, test } from 'vitest'
import { activationBytes, axisSizes } from './activations.ts'
import { symbol } from './dim.ts'
import { Graph } from './graph.ts'

test('the most that lives at once is counted, by the type and size of each value', () => {
  const graph = new Graph()
  const x = graph.input('x', 'float32', [symbol('height'), 8])
  const half = graph.cast(x, 'float16')
  const turned = graph.add('Transpose', [half], { perm: [1, 0] })
  const same = graph.reshape(turned, [8, symbol('height')])
  const sum = graph.add('Add', [same, same], {})
  graph.output('y', graph.cast(sum, 'float32'))
  const sizes = axisSizes(graph, { x: { shape: [100, 8] }, unknown: { shape: [1] } })
  expect(sizes).toEqual({ height: 100 })
  // 3200 of x, which its owner keeps until its last reader; then two halves; a half and the result of 3200
  expect(activationBytes(graph, sizes)).toBe(3200 + 1600)
  expect(activationBytes(graph, { height: 200 })).toBe(2 * (3200 + 1600))
})
