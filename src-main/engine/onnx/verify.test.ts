import { describe, expect, test } from 'vitest'
import { symbol } from './dim.ts'
import { Graph } from './graph.ts'
import type { Node, Value } from './ir.ts'
import { verify } from './verify.ts'

function sines(): { graph: Graph; x: Value; first: Value; second: Value } {
  const graph = new Graph()
  const x = graph.input('x', 'float32', [symbol('batch'), 4])
  const first = graph.add('Sin', [x], {})
  const second = graph.add('Sin', [first], {})
  graph.output('y', second)
  return { graph, x, first, second }
}

describe('a graph is refused', () => {
  test('that uses a value before it is made', () => {
    const { graph } = sines()
    graph.nodes.reverse()
    expect(() => verify(graph)).toThrow('uses Sin:0, which nothing before it makes')
  })

  test('that uses an input of another graph', () => {
    const { graph } = sines()
    graph.output('other', new Graph().input('z', 'float32', [1]))
    expect(() => verify(graph)).toThrow('The output other uses z')
  })

  test('that makes a value twice', () => {
    const { graph } = sines()
    graph.nodes.push(...graph.nodes.slice(0, 1))
    expect(() => verify(graph)).toThrow('Sin:0 is made twice')
  })

  test('whose value has a type that its op does not give', () => {
    const { graph, x } = sines()
    const outputs: Value[] = []
    const node: Node = { op: 'Sin', inputs: [x], attributes: {}, outputs }
    outputs.push({ name: 'forged', dtype: 'float32', shape: [1], origin: { kind: 'node', node } })
    graph.nodes.push(node)
    expect(() => verify(graph)).toThrow('forged does not have the type that Sin gives it')
  })

  test('without outputs, or with one name for two', () => {
    expect(() => verify(new Graph())).toThrow('no outputs')
    const { graph, first } = sines()
    graph.output('y', first)
    expect(() => verify(graph)).toThrow('output name y is taken')
  })
})

test('a good graph passes', () => {
  expect(() => verify(sines().graph)).not.toThrow()
})

test('an op says which inputs do not fit it, and why', () => {
  const graph = new Graph()
  const x = graph.input('x', 'float32', [symbol('batch'), 4])
  const w = graph.constant(new Float32Array(15), [3, 5])
  expect(() => graph.add('Linear', [x, w, undefined], {})).toThrow(
    'Linear(float32[batch, 4], float32[3, 5], -) does not fit: inner axis is [4], expected [5]',
  )
  expect(() => graph.add('Add', [x, graph.integers([1])], {})).toThrow('float32 and int64 do not mix')
})
