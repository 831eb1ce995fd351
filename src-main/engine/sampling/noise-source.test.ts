import { describe, expect, test } from 'vitest'
import { TorchGenerator } from './noise.ts'
import { noiseSource } from './noise-source.ts'
import { PhiloxGenerator } from './philox.ts'

const shape = (batch: number) => [batch, 4, 2, 4]
const size = 32
const batchOf = (count: number) => ({ size: count, indices: Array.from({ length: count }, (_, i) => i) })
const plain = { seed: 40n, noise: 'cpu', batchSeeds: 'batch', convention: 'diffusers', batch: batchOf(3) } as const

describe('noiseSource', () => {
  test('in diffusers the steps draw on from the generator of the start', () => {
    const { initial, fresh } = noiseSource(plain)
    const torch = new TorchGenerator(40n)
    expect([initial.randn(shape(3)), fresh.randn(shape(3))]).toEqual([torch.randn(shape(3)), torch.randn(shape(3))])
  })

  test('in ComfyUI the steps draw from the next seed on a processor, from the same on a GPU', () => {
    const comfy = { ...plain, convention: 'comfy' } as const
    const onProcessor = noiseSource(comfy)
    expect(onProcessor.initial.randn(shape(3))).toEqual(new TorchGenerator(40n).randn(shape(3)))
    expect(onProcessor.fresh.randn(shape(3))).toEqual(new TorchGenerator(41n).randn(shape(3)))
    const onGpu = noiseSource({ ...comfy, noise: 'gpu-steps' })
    expect(onGpu.initial.randn(shape(3))).toEqual(new TorchGenerator(40n).randn(shape(3)))
    expect(onGpu.fresh.randn(shape(3))).toEqual(new PhiloxGenerator(40n).randn(shape(3)))
  })

  test.each(['cpu', 'gpu', 'gpu-steps'] as const)(
    '%s: with seeds of their own, a picture can be drawn alone',
    (noise) => {
      for (const convention of ['diffusers', 'comfy'] as const) {
        const each = noiseSource({ ...plain, noise, convention, batchSeeds: 'each' })
        const alone = noiseSource({ ...plain, noise, convention, seed: 42n, batch: batchOf(1) })
        for (const from of ['initial', 'fresh', 'fresh'] as const) {
          expect(each[from].randn(shape(3)).subarray(2 * size)).toEqual(alone[from].randn(shape(1)))
        }
      }
    },
  )

  test('none adds nothing at the start, and the steps draw all the same', () => {
    const { initial, fresh } = noiseSource({ ...plain, noise: 'none' })
    expect(initial.randn(shape(3))).toEqual(new Float32Array(3 * size))
    expect(fresh.randn(shape(3))).toEqual(new TorchGenerator(40n).randn(shape(3)))
  })

  test('the seed after the last is the first', () => {
    const each = noiseSource({ ...plain, noise: 'gpu', seed: 2n ** 64n - 1n, batchSeeds: 'each', batch: batchOf(2) })
    expect(each.initial.randn(shape(2)).subarray(size)).toEqual(new PhiloxGenerator(0n).randn(shape(1)))
  })

  test.each(['batch', 'each'] as const)('pictures picked from a batch keep their noise: %s', (batchSeeds) => {
    const whole = noiseSource({ ...plain, batchSeeds })
    const some = noiseSource({ ...plain, batchSeeds, batch: { size: 3, indices: [2, 0] } })
    for (const from of ['initial', 'fresh'] as const) {
      const [all, picked] = [whole[from].randn(shape(3)), some[from].randn(shape(2))]
      expect(picked).toEqual(Float32Array.of(...all.subarray(2 * size), ...all.subarray(0, size)))
    }
  })
})
