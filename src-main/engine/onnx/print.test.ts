import { expect, test } from 'vitest'
import { product, symbol } from './dim.ts'
import { Graph } from './graph.ts'
import { print } from './print.ts'

test('a graph reads as text', () => {
  const graph = new Graph()
  const [batch, height] = [symbol('batch'), symbol('height')]
  const x = graph.input('x', 'float32', [batch, 2, height, 8])
  const external = { file: '/models/tiny.safetensors', offset: 64, byteLength: 36 }
  const weight = graph.add('Cast', [graph.weight('conv.weight', 'float16', [1, 2, 3, 3], external)], { to: 'float32' })
  const attributes = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], group: 1 }
  const y = graph.add('Conv', [x, weight, undefined], attributes)
  graph.output('y', graph.reshape(y, [batch, product(y.shape.slice(1))]))
  expect(print(graph)).toBe(`input x: float32[batch, 2, height, 8]
weight conv.weight: float16[1, 2, 3, 3]
constant constant:0: int64[2] = {0, -1}
Cast:0 = Cast(conv.weight) to="float32": float32[1, 2, 3, 3]
Conv:0 = Conv(x, Cast:0, -) kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1] group=1: float32[batch, 1, floor((height + 1)/2), 4]
Reshape:0 = Reshape(Conv:0, constant:0): float32[batch, 4*floor((height + 1)/2)]
output y = Reshape:0: float32[batch, 4*floor((height + 1)/2)]
`)
})
