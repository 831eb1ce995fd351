import { describe, expect, test } from 'vitest'
import { largestDifference } from '#test/goldens.ts'
import { floatsOf, openBytes, sample } from '#test/onnx.ts'
import type { FloatTensor } from '../../tensor/float-tensor.ts'
import { symbol } from '../dim.ts'
import { encode } from '../encode.ts'
import { Graph } from '../graph.ts'
import type { Op, Value } from '../ir.ts'
import { peephole } from './peephole.ts'
import { lower } from './recipes.ts'
import { type Pass, runPasses } from './rewrite.ts'

const nothing: Pass = { name: 'rebuild', rules: {} }

/** A graph from `x` [batch, ...shape] to `y`. */
function graphOf(shape: readonly number[], build: (graph: Graph, x: Value) => Value): Graph {
  const graph = new Graph()
  graph.output('y', build(graph, graph.input('x', 'float32', [symbol('batch'), ...shape])))
  return graph
}

async function run(graph: Graph, x: FloatTensor): Promise<Float32Array> {
  return floatsOf(await openBytes(encode(graph)), { x }, 'y')
}

function countOf(graph: Graph, op: Op): number {
  return graph.nodes.filter((node) => node.op === op).length
}

describe('rebuilding', () => {
  test('drops what no output needs and merges what is equal', () => {
    const graph = graphOf([4], (g, x) => {
      g.add('Sin', [x], {})
      return g.add('Add', [g.add('Cos', [x], {}), g.add('Cos', [x], {})], {})
    })
    const after = runPasses(graph, [nothing], { verify: true })
    expect(after.nodes.map(({ op }) => op)).toEqual(['Cos', 'Add'])
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Sin', 'Cos', 'Add'])
  })

  test('shows every pass', () => {
    const seen: string[] = []
    const graph = graphOf([4], (g, x) => g.add('Silu', [x], {}))
    runPasses(graph, [lower('cpu'), peephole], { dump: (pass, { nodes }) => seen.push(`${pass} ${nodes[0]?.op}`) })
    expect(seen).toEqual(['lower QuickGelu', 'peephole QuickGelu'])
  })
})

describe('peephole', () => {
  test.each<[string, (g: Graph, x: Value) => Value, Op, number]>([
    [
      'transpositions compose',
      (g, x) => g.add('Transpose', [g.add('Transpose', [x], { perm: [0, 2, 3, 1] })], { perm: [0, 2, 1, 3] }),
      'Transpose',
      1,
    ],
    [
      'transpositions cancel',
      (g, x) =>
        g.add(
          'Sin',
          [g.add('Transpose', [g.add('Transpose', [x], { perm: [0, 2, 1, 3] })], { perm: [0, 2, 1, 3] })],
          {},
        ),
      'Transpose',
      0,
    ],
    [
      'reshapes join',
      (g, x) => g.add('Reshape', [g.reshape(x, [symbol('batch'), 32, 6]), g.integers([-1, 6])], {}),
      'Reshape',
      1,
    ],
    [
      'a reshape that copies an axis stays',
      (g, x) => g.add('Reshape', [g.reshape(x, [symbol('batch'), 32, 6]), g.integers([0, 0, 2, 3])], {}),
      'Reshape',
      2,
    ],
    ['a multiplication with 1 goes', (g, x) => g.add('Sin', [g.add('Mul', [x, g.scalar(1)], {})], {}), 'Mul', 0],
    ['a multiplication with 2 stays', (g, x) => g.add('Sin', [g.add('Mul', [x, g.scalar(2)], {})], {}), 'Mul', 1],
    ['a cast to the same type goes', (g, x) => g.add('Sin', [g.add('Cast', [x], { to: 'float32' })], {}), 'Cast', 0],
  ])('%s', async (_, build, op, count) => {
    const before = graphOf([32, 2, 3], build)
    const after = runPasses(before, [peephole], { verify: true })
    expect(countOf(after, op)).toBe(count)
    const x = sample([2, 32, 2, 3])
    expect(largestDifference(await run(after, x), await run(before, x))).toBe(0)
  })
})

describe('lowering', () => {
  test.each(['cpu', 'webgpu'] as const)('group normalisation on %s is what its definition says', async (lowering) => {
    const graph = graphOf([64, 3, 2], (g, x) => {
      const scale = g.constant(Float32Array.from({ length: 64 }, (_, channel) => 1 + channel / 64))
      const bias = g.constant(Float32Array.from({ length: 64 }, (_, channel) => channel / 32))
      return g.add('GroupNorm', [x, scale, bias], { groups: 32, epsilon: 1e-5, silu: true })
    })
    const x = sample([2, 64, 3, 2])
    const lowered = runPasses(graph, [lower(lowering)], { verify: true })
    expect(countOf(lowered, 'LayerNormalization')).toBe(lowering === 'cpu' ? 1 : 0)
    const actual = await run(lowered, x)
    expect(largestDifference(actual, groupNormSilu(x.data))).toBeLessThan(1e-5)
  })

  test.each([true, false])('both forms of attention agree, causal %s', async (causal) => {
    const graph = graphOf([7, 24], (g, x) => {
      const flipped = g.add('Sin', [x], {})
      return g.add('Attention', [x, flipped, g.add('Cos', [x], {})], { heads: 3, causal })
    })
    const x = sample([2, 7, 24])
    const [fused, scores] = await Promise.all(
      (['cpu', 'webgpu'] as const).map((lowering) => run(runPasses(graph, [lower(lowering)], { verify: true }), x)),
    )
    expect(largestDifference(scores ?? [], fused ?? [0])).toBeLessThan(1e-6)
  })

  test('a composite that is not lowered is not encoded', () => {
    expect(() => encode(graphOf([4], (g, x) => g.add('Silu', [x], {})))).toThrow('Silu was not lowered')
  })
})

/** GroupNorm of 32 groups of two channels of 3 x 2, then SiLU, straight from the definition. */
function groupNormSilu(x: Float32Array): Float32Array {
  const result = new Float32Array(x.length)
  for (let start = 0; start < x.length; start += 12) {
    const group = x.subarray(start, start + 12)
    const mean = group.reduce((sum, value) => sum + value, 0) / 12
    const variance = group.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 12
    group.forEach((value, index) => {
      const channel = Math.floor((start + index) / 6) % 64
      const y = ((value - mean) / Math.sqrt(variance + 1e-5)) * (1 + channel / 64) + channel / 32
      result[start + index] = y / (1 + Math.exp(-y))
    })
  }
  return result
}
