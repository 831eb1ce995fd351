import { describe, expect, it } from 'vitest'
import { assignable } from './assignable.ts'
import { convert } from './convert.ts'
import { explain } from './explain.ts'
import { type Kind, type Type, type TypeOf, UNKNOWN } from './types.ts'

const unsized = { width: UNKNOWN, height: UNKNOWN } as const

/** At least one type of every kind, and variants that are assignable to different types. */
const samples: { readonly [K in Kind]: readonly TypeOf<K>[] } = {
  model: [
    { kind: 'model', family: UNKNOWN },
    { kind: 'model', family: 'sd1' },
    { kind: 'model', family: 'sdxl' },
  ],
  clip: [
    { kind: 'clip', family: 'sd1' },
    { kind: 'clip', family: 'sdxl' },
  ],
  vae: [{ kind: 'vae', family: 'sd1' }],
  conditioning: [
    { kind: 'conditioning', family: 'sd1' },
    { kind: 'conditioning', family: 'sdxl' },
  ],
  latent: [
    { kind: 'latent', channels: UNKNOWN, ...unsized },
    { kind: 'latent', channels: 4, width: 512, height: 512 },
    { kind: 'latent', channels: 4, width: 512, height: 768 },
    { kind: 'latent', channels: 16, ...unsized },
  ],
  image: [
    { kind: 'image', ...unsized },
    { kind: 'image', width: 512, height: 512 },
    { kind: 'image', width: 128, height: 128 },
  ],
  mask: [{ kind: 'mask' }],
  scheduler: [{ kind: 'scheduler' }],
  controlnet: [{ kind: 'controlnet' }],
  int: [
    { kind: 'int', min: 1, max: 50, multipleOf: 1 },
    { kind: 'int', min: -5, max: 1000, multipleOf: 1 },
    { kind: 'int', min: 64, max: 8192, multipleOf: 8 },
    { kind: 'int', min: 8, max: 8, multipleOf: 1 },
  ],
  float: [
    { kind: 'float', min: 0, max: 1 },
    { kind: 'float', min: -100, max: 100 },
  ],
  text: [{ kind: 'text' }],
  seed: [{ kind: 'seed' }],
  choice: [
    { kind: 'choice', options: ['mean'] },
    { kind: 'choice', options: ['mean', 'sample'] },
  ],
  file: [
    { kind: 'file', of: 'checkpoint', name: UNKNOWN },
    { kind: 'file', of: 'lora', name: 'a.safetensors' },
  ],
  list: [
    { kind: 'list', of: { kind: 'image', ...unsized } },
    { kind: 'list', of: { kind: 'model', family: 'sdxl' } },
  ],
  unknown: [{ kind: 'unknown' }],
  nothing: [{ kind: 'nothing', reason: 'the file holds no VAE' }],
}

const all: readonly Type[] = Object.values(samples).flat()
const pairs = all.flatMap((from) => all.map((to) => [from, to] as const))

describe('explain', () => {
  it('names both ends of every pair of types, and the fix of those that do not fit', () => {
    for (const [from, to] of pairs) {
      const { fits, short, long, fix } = explain(from, to, { from: 'the Left end', to: 'the Right end' })
      const pair = `${JSON.stringify(from)} -> ${JSON.stringify(to)}`
      expect(long.toLowerCase(), pair).toContain('the left end')
      expect(long.toLowerCase(), pair).toContain('the right end')
      expect(long, pair).toMatch(/^[A-Z].*\.$/)
      expect(long + short + fix, pair).not.toMatch(/undefined|\[object|NaN/)
      expect(short, pair).not.toBe('')
      expect(fits, pair).toBe(convert(from, to) !== undefined)
      expect(fix === '', pair).toBe(fits)
    }
  })

  it('reads like a person', () => {
    const ends = { from: 'VAE of Checkpoint', to: 'Latent of Sampler' }
    expect(
      explain({ kind: 'image', width: 512, height: 512 }, { kind: 'latent', channels: 4, ...unsized }, ends),
    ).toEqual({
      fits: false,
      short: 'Image does not fit latent',
      long: 'Latent of Sampler needs a latent with 4 channels, but VAE of Checkpoint gives an image of 512 x 512 pixels.',
      fix: 'Put a VAE Encode node between them.',
    })
    expect(explain({ kind: 'model', family: 'sdxl' }, { kind: 'model', family: 'sd1' }, ends).long).toBe(
      'Latent of Sampler needs a Stable Diffusion 1.x model, but VAE of Checkpoint gives a Stable Diffusion XL model.',
    )
  })
})

describe('assignable', () => {
  it('takes every type but nothing for itself', () => {
    for (const type of all) expect(assignable(type, type)).toBe(type.kind !== 'nothing')
  })

  it('takes an unknown fact for every fact', () => {
    expect(assignable({ kind: 'model', family: UNKNOWN }, { kind: 'model', family: 'sd1' })).toBe(true)
    expect(assignable({ kind: 'model', family: 'sdxl' }, { kind: 'model', family: 'sd1' })).toBe(false)
  })

  it('keeps ranges and multiples', () => {
    const sides: Type = { kind: 'int', min: 64, max: 8192, multipleOf: 8 }
    expect(assignable({ kind: 'int', min: 512, max: 512, multipleOf: 1 }, sides)).toBe(true)
    expect(assignable({ kind: 'int', min: 511, max: 511, multipleOf: 1 }, sides)).toBe(false)
    expect(assignable({ kind: 'int', min: 64, max: 9000, multipleOf: 8 }, sides)).toBe(false)
  })
})

describe('convert', () => {
  it('does what is declared and nothing else', () => {
    const number: Type = { kind: 'int', min: 0, max: 9, multipleOf: 1 }
    expect(convert(number, { kind: 'float', min: 0, max: 10 })?.(7)).toBe(7)
    expect(convert(number, { kind: 'float', min: 5, max: 10 })).toBeUndefined()
    expect(convert(number, { kind: 'seed' })?.(7)).toBe('7')
    expect(convert({ ...number, min: -1 }, { kind: 'seed' })).toBeUndefined()
    expect(convert({ kind: 'image', ...unsized }, { kind: 'list', of: { kind: 'image', ...unsized } })?.('a')).toEqual([
      'a',
    ])
    expect(convert({ kind: 'text' }, { kind: 'seed' })).toBeUndefined()
  })
})
