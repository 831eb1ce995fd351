import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Dtype } from '#core/formats/safetensors.ts'
import { temporaryFolder } from '#test/golden-networks.ts'
import { largestDifference } from '#test/goldens.ts'
import { floatsOf, openSession, sample } from '#test/onnx.ts'
import { symbol } from '../../onnx/dim.ts'
import { Graph } from '../../onnx/graph.ts'
import type { Value } from '../../onnx/ir.ts'
import type { NetworkWeights, TensorRef, WeightDelta } from '../weights.ts'
import { conv, linear } from './layers.ts'
import { modelOf } from './model.ts'
import { Module } from './module.ts'

/** A file of one tensor, whose bytes begin at an odd offset as they may in a safetensors file. */
function tensorFile(name: string, dtype: Dtype, shape: readonly number[], bytes: Uint8Array): TensorRef {
  const file = join(temporaryFolder(), `${name}.bin`)
  writeFileSync(file, Buffer.concat([Buffer.from('loom!'), bytes]))
  return { file, name, dtype, shape, offset: 5, byteLength: bytes.length }
}

function floatFile(name: string, shape: readonly number[]): TensorRef & { readonly values: Float32Array } {
  const values = sample(shape).data.map((value, index) => value / (1 + (index % 7)))
  return { ...tensorFile(name, 'F32', shape, new Uint8Array(values.buffer)), values }
}

function loraDelta(left: TensorRef, right: TensorRef, strength: number): WeightDelta {
  return { source: 'test', change: { kind: 'lora', scale: 1, product: { left, right } }, strength }
}

function weightsOf(
  tensors: Readonly<Record<string, TensorRef>>,
  deltas: Record<string, WeightDelta[]> = {},
): NetworkWeights {
  return { tensors: new Map(Object.entries(tensors)), deltas: new Map(Object.entries(deltas)) }
}

/** Runs one layer on ones. */
async function runLayer(shape: readonly number[], weights: NetworkWeights, layer: (module: Module, x: Value) => Value) {
  const graph = new Graph()
  const x = graph.input('x', 'float32', [symbol('batch'), ...shape.slice(1)])
  graph.output('y', layer(new Module(graph, weights).at('layer'), x))
  return floatsOf(await openSession(modelOf(graph)), { x: sample(shape) }, 'y')
}

/** `weight + sum of scale * up @ down`, all flattened to matrices. */
function summed(
  weight: Float32Array,
  inner: number,
  deltas: readonly { up: Float32Array; down: Float32Array; scale: number }[],
) {
  return weight.map((value, index) => {
    const [row, column] = [Math.floor(index / inner), index % inner]
    return deltas.reduce((sum, { up, down, scale }) => {
      const rank = down.length / inner
      for (let r = 0; r < rank; r++) sum += scale * (up[row * rank + r] ?? 0) * (down[r * inner + column] ?? 0)
      return sum
    }, value)
  })
}

describe('adapters', () => {
  test.each([
    ['a linear layer', [6, 8], 1, [2, 8]],
    ['a 3x3 convolution', [6, 4, 3, 3], 3, [2, 4, 5, 5]],
    ['a 1x1 convolution', [6, 4, 1, 1], 1, [2, 4, 5, 5]],
  ] as const)('sum into %s in the graph as on paper', async (_, shape, kernel, input) => {
    const [out, channels] = shape
    const inner = shape.slice(1).reduce<number>((product, size) => product * size, 1)
    const weight = floatFile('weight', shape)
    const products = [1, 3].map((rank, index) => ({
      left: floatFile('up', shape.length === 4 ? [out, rank, 1, 1] : [out, rank]),
      right: floatFile('down', [rank, ...shape.slice(1)]),
      strength: 0.5 - index,
    }))
    const deltas = products.map(({ left, right, strength }) => loraDelta(left, right, strength))
    const layer = (module: Module, x: Value) =>
      input.length === 2 ? linear(module, x, out) : conv(module, x, { channels: out, kernel })
    const values = products.map(({ left, right, strength }) => ({
      up: left.values,
      down: right.values,
      scale: strength,
    }))
    const folded = summed(weight.values, inner, values)
    const reference = tensorFile('folded', 'F32', shape, new Uint8Array(folded.buffer))
    expect(channels).toBe(input[1])
    const actual = await runLayer(input, weightsOf({ 'layer.weight': weight }, { 'layer.weight': deltas }), layer)
    const expected = await runLayer(input, weightsOf({ 'layer.weight': reference }), layer)
    expect(largestDifference(actual, expected)).toBeLessThan(1e-5)
    const without = await runLayer(input, weightsOf({ 'layer.weight': weight }), layer)
    expect(largestDifference(actual, without)).toBeGreaterThan(0.1)
  })

  test('of another size are refused', async () => {
    const weights = weightsOf(
      { 'layer.weight': floatFile('weight', [6, 8]) },
      { 'layer.weight': [loraDelta(floatFile('up', [6, 2]), floatFile('down', [2, 9]), 1)] },
    )
    await expect(runLayer([1, 8], weights, (module, x) => linear(module, x, 6))).rejects.toThrow(
      'does not fit layer.weight',
    )
  })
})

describe('stored dtypes', () => {
  const values = Float32Array.of(1, -0.5, 2, 0.25)
  const upperHalf = new Uint16Array(new Uint32Array(values.buffer)).map((_, index) => {
    return (new Uint32Array(values.buffer)[index] ?? 0) >>> 16
  })
  test.each<[Dtype, Uint8Array]>([
    ['F32', new Uint8Array(values.buffer)],
    ['F16', new Uint8Array(Uint16Array.of(0x3c00, 0xb800, 0x4000, 0x3400).buffer)],
    ['BF16', new Uint8Array(upperHalf.buffer)],
    ['F8_E4M3', Uint8Array.of(0x38, 0xb0, 0x40, 0x28)],
    ['F8_E5M2', Uint8Array.of(0x3c, 0xb8, 0x40, 0x34)],
  ])('%s becomes float32', async (dtype, bytes) => {
    const weights = weightsOf({ 'layer.weight': tensorFile('weight', dtype, [2, 2], bytes) })
    const [a = 0, b = 0] = sample([1, 2]).data
    const y = await runLayer([1, 2], weights, (module, x) => linear(module, x, 2))
    expect(largestDifference(y, [a - 0.5 * b, 2 * a + 0.25 * b])).toBeLessThan(1e-6)
  })

  test('that are no numbers are refused', async () => {
    const weights = weightsOf({ 'layer.weight': tensorFile('weight', 'F8_E8M0', [2, 2], new Uint8Array(4)) })
    await expect(runLayer([1, 2], weights, (module, x) => linear(module, x, 2))).rejects.toMatchObject({
      code: 'unsupported',
    })
  })
})

describe('a weight', () => {
  test('that is missing is named', async () => {
    const layer = runLayer([1, 2], weightsOf({}), (module, x) => linear(module, x, 2))
    await expect(layer).rejects.toThrow('no tensor layer.weight')
  })

  test('of another shape is named', async () => {
    const weights = weightsOf({ 'layer.weight': floatFile('weight', [3, 2]) })
    const layer = runLayer([1, 2], weights, (module, x) => linear(module, x, 2))
    await expect(layer).rejects.toThrow('layer.weight has the shape [3,2]; the network needs [2,2]')
  })
})
