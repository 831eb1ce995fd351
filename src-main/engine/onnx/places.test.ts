import { expect, test } from 'vitest'
import { Graph } from './graph.ts'
import { placesOf } from './places.ts'

test('a node is at the module of its weights, else at what the modules before it share', () => {
  const graph = new Graph()
  const weight = (name: string) => graph.weight(name, 'float16', [8], { file: '/w', offset: 0, byteLength: 16 })
  const scaled = (name: string, x = graph.inputs[0] ?? graph.input('x', 'float32', [8])) =>
    graph.add('Mul', [x, graph.cast(weight(name), 'float32')], {})
  const query = scaled('blocks.0.attn1.to_q.weight')
  const key = scaled('blocks.0.attn1.to_k.weight')
  const both = graph.add('Add', [query, key], {})
  const later = graph.add('Add', [both, scaled('blocks.1.norm.weight')], {})
  const skip = graph.add('Add', [later, scaled('conv_in.weight')], {})
  graph.output('y', graph.add('Sqrt', [graph.add('Mul', [skip, graph.scalar(2)], {})], {}))
  const placed = graph.nodes.filter(({ op }) => op !== 'Cast').map((node) => [node.op, placesOf(graph).get(node)])
  expect(placed).toEqual([
    ['Mul', 'blocks.0.attn1.to_q'],
    ['Mul', 'blocks.0.attn1.to_k'],
    ['Add', 'blocks.0.attn1'],
    ['Mul', 'blocks.1.norm'],
    ['Add', 'blocks'],
    ['Mul', 'conv_in'],
    // nothing in common: the first
    ['Add', 'blocks'],
    ['Mul', 'blocks'],
    ['Sqrt', 'blocks'],
  ])
})
