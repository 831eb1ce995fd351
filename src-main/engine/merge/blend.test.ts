import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openTensorFile } from '#engine/files/tensor-file.ts'
import { refsOf } from '#engine/models/parts.ts'
import type { NetworkWeights, WeightChange, WeightDelta } from '#engine/models/weights.ts'
import { temporaryFolder } from '#test/golden-networks.ts'
import { largestDifference } from '#test/goldens.ts'
import { writeTensors } from '#test/tensor-file.ts'
import { blend } from './blend.ts'
import { foldedWeight } from './folded-weight.ts'

const folder = temporaryFolder()
const name = 'layer.weight'
const [out, inner, rank] = [3, 4, 2]

function values(seed: number, size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sin(seed + 1.7 * i))
}

/** A weight with tensors to change it by, all of a file of its own. */
async function model(seed: number, shape = [out, inner]) {
  const path = writeTensors(
    join(folder, `${seed}.safetensors`),
    [
      { name: 'w', shape, values: values(seed, out * inner) },
      { name: 'up', shape: [out, rank], values: values(seed + 0.1, out * rank) },
      { name: 'down', shape: [rank, inner], values: values(seed + 0.2, rank * inner) },
      { name: 'full', shape: [out, inner], values: values(seed + 0.3, out * inner) },
    ],
    'F32',
  )
  const refs = new Map(refsOf(await openTensorFile(path)).map((ref) => [ref.name, ref]))
  const ref = (tensor: string) => refs.get(tensor) ?? missing(tensor)
  const changes: Record<'lora' | 'replacement', WeightChange> = {
    lora: { kind: 'lora', scale: 0.5, product: { left: ref('up'), right: ref('down') } },
    replacement: { kind: 'replacement', scale: 1, tensor: ref('full') },
  }
  return {
    changes,
    weights: { tensors: new Map([[name, ref('w')]]), deltas: new Map() } satisfies NetworkWeights,
  }
}

function missing(what: string): never {
  throw new Error(`There is no ${what}.`)
}

const [one, two, three] = [await model(1), await model(2), await model(3)]

function changed(weights: NetworkWeights, ...changes: readonly (readonly [WeightChange, number])[]): NetworkWeights {
  const deltas = changes.map(([change, strength]): WeightDelta => ({ source: '', change, strength }))
  return { ...weights, deltas: new Map([[name, deltas]]) }
}

const folded = (weights: NetworkWeights) => foldedWeight(weights, name)

/** `sum of share * weight` */
async function mixed(...terms: readonly (readonly [share: number, weights: NetworkWeights])[]): Promise<Float32Array> {
  const sum = new Float32Array(out * inner)
  for (const [share, weights] of terms) {
    for (const [i, value] of (await folded(weights)).entries()) sum[i] = (sum[i] ?? 0) + share * value
  }
  return sum
}

describe('a blend is (1 - share) A + share B', () => {
  test.each([0, 0.3, 1])('at %d, with adapters of both', async (share) => {
    const a = changed(one.weights, [one.changes.lora, 0.7])
    const b = changed(two.weights, [two.changes.lora, 1.5], [two.changes.replacement, 0.4])
    const result = await folded(blend(a, b, share))
    expect(largestDifference(result, await mixed([1 - share, a], [share, b]))).toBeLessThan(1e-6)
  })

  test('of blends too', async () => {
    const inside = blend(two.weights, three.weights, 0.25)
    const expected = await mixed([0.6, one.weights], [0.3, two.weights], [0.1, three.weights])
    expect(largestDifference(await folded(blend(one.weights, inside, 0.4)), expected)).toBeLessThan(1e-6)
  })

  test('and of a model with itself that model', () => {
    expect(blend(one.weights, one.weights, 0.5).deltas.size).toBe(0)
  })
})

test('a bias that an adapter adds to a layer without one is blended from both', () => {
  const added = (weights: NetworkWeights): NetworkWeights => {
    const change = { kind: 'difference', scale: 1, tensor: weights.tensors.get(name) ?? missing(name) } as const
    return { ...weights, deltas: new Map([['layer.bias', [{ source: 'a', change, strength: 1 }]]]) }
  }
  const { deltas } = blend(added(one.weights), added(two.weights), 0.25)
  expect(deltas.get('layer.bias')?.map(({ strength }) => strength)).toEqual([0.75, 0.25])
})

describe('before anything is computed', () => {
  test('models of different shapes are refused', async () => {
    const wide = await model(4, [inner, out])
    expect(() => blend(one.weights, wide.weights, 0.5)).toThrow('layer.weight is [3, 4] in one, [4, 3] in the other')
    const empty = { tensors: new Map(), deltas: new Map() }
    expect(() => blend(one.weights, empty, 0.5)).toThrow('layer.weight is [3, 4] in one, nothing in the other')
  })

  test('an adapter on the second model that depends on its weights is refused, on the first it is not', () => {
    const { lora: direction } = one.changes
    if (direction.kind === 'dora') return
    const magnitude = one.weights.tensors.get(name) ?? missing(name)
    const dora = changed(one.weights, [
      { kind: 'dora', scale: 1, direction, magnitude, axis: 'out', lengthsOf: 'sum' },
      1,
    ])
    expect(() => blend(two.weights, dora, 0.5)).toThrow(/dora/)
    expect(() => blend(dora, two.weights, 0.5)).not.toThrow()
  })
})
