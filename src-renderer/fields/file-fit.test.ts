import { describe, expect, it } from 'vitest'
import type { ModelFile } from '#core/protocol/routes.ts'
import { nearestNames, rankFiles, similarity } from './file-fit.ts'

const file = (name: string, rest: Partial<ModelFile> = {}): ModelFile => ({
  id: name,
  name,
  folder: 'models',
  kind: 'lora',
  summary: '',
  bytes: 1,
  modified: 0,
  hasPicture: false,
  ...rest,
})

const files = [
  file('zebra.safetensors', { family: 'sd1' }),
  file('broken.safetensors', { family: 'sd1', error: 'The file is cut off.' }),
  file('unknown.safetensors'),
  file('anime.safetensors', { family: 'sdxl' }),
  file('apple.safetensors', { family: 'sd1' }),
  file('base.safetensors', { kind: 'checkpoint', family: 'sd1' }),
]

const names = (ranked: ReturnType<typeof rankFiles>) => ranked.map(({ file }) => file.name.replace('.safetensors', ''))

describe('rankFiles', () => {
  it('puts what fits first and says why others do not', () => {
    const ranked = rankFiles(files, { kind: 'lora', family: 'sd1' })
    expect(names(ranked)).toEqual(['apple', 'zebra', 'unknown', 'anime', 'broken'])
    expect(ranked.map(({ reason }) => reason)).toEqual([
      undefined,
      undefined,
      undefined,
      'Made for Stable Diffusion XL; the model is Stable Diffusion 1.x.',
      'The file is cut off.',
    ])
  })

  it('takes every family for fit while the model is not known', () => {
    expect(names(rankFiles(files, { kind: 'lora', family: 'unknown' }))).toEqual([
      'anime',
      'apple',
      'unknown',
      'zebra',
      'broken',
    ])
  })

  it('brings names like a missing one up, among equally fitting files', () => {
    const ranked = rankFiles(files, { kind: 'lora', family: 'sd1', missing: 'styles/Zebra_v2.safetensors' })
    expect(names(ranked).slice(0, 2)).toEqual(['zebra', 'apple'])
  })
})

describe('nearestNames', () => {
  it('offers files of the same kind alone, and none that is not alike', () => {
    expect(nearestNames(files, 'lora', 'zebra-1.safetensors')).toEqual(['zebra.safetensors'])
    expect(nearestNames(files, 'checkpoint', 'zebra.safetensors')).toEqual([])
    expect(nearestNames(files, 'lora', 'brokn.safetensors')).toEqual([])
  })
})

describe('similarity', () => {
  it('looks at the name alone', () => {
    expect(similarity('a/b/Fox.safetensors', 'fox.ckpt')).toBe(1)
    expect(similarity('fox', 'bear')).toBe(0)
    expect(similarity('', '')).toBe(1)
    expect(similarity('lcm-lora-sdv1-5', 'lcm_lora_sdv1-5 (1)')).toBeGreaterThan(0.8)
  })
})
