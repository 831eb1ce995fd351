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
    const ranked = rankFiles(files, { kind: 'lora', model: { family: 'sd1' } })
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
    expect(names(rankFiles(files, { kind: 'lora', model: { family: 'unknown' } }))).toEqual([
      'anime',
      'apple',
      'unknown',
      'zebra',
      'broken',
    ])
  })

  it('tells the smaller models of a family apart', () => {
    const sdxl = [
      file('any.safetensors', { family: 'sdxl' }),
      file('small.safetensors', { family: 'sdxl', variant: 'ssd-1b' }),
      file('whole.safetensors', { family: 'sdxl', variant: 'base' }),
    ]
    const ranked = rankFiles(sdxl, { kind: 'lora', model: { family: 'sdxl', variant: 'ssd-1b' } })
    expect(names(ranked)).toEqual(['any', 'small', 'whole'])
    expect(ranked.at(-1)?.reason).toBe('Made for Stable Diffusion XL; the model is SSD-1B.')
  })

  it('offers whole checkpoints where a part of one is wanted, after the parts', () => {
    const parts = [file('whole.safetensors', { kind: 'checkpoint' }), file('part.safetensors', { kind: 'vae' })]
    expect(names(rankFiles(parts, { kind: 'vae', model: { family: 'unknown' } }))).toEqual(['part', 'whole'])
  })

  it('brings names like a missing one up, among equally fitting files', () => {
    const ranked = rankFiles(files, { kind: 'lora', model: { family: 'sd1' }, missing: 'styles/Zebra_v2.safetensors' })
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
