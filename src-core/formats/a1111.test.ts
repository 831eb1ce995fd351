import { describe, expect, it } from 'vitest'
import { formatParameters, type GenerationParameters } from './a1111.ts'

const fox: GenerationParameters = {
  prompt: 'a fox, sitting',
  negative: 'blurry',
  steps: 4,
  sampler: 'LCM',
  cfg: 1.5,
  seed: '18446744073709551615',
  width: 512,
  height: 768,
  model: 'emoji-tiny',
  modelHash: 'ABCDEF0123456789',
  loras: [
    { name: 'lcm-lora', strength: 1 },
    { name: 'sketch', strength: 0.1 + 0.2 },
  ],
  denoise: 0.5,
}

describe('formatParameters', () => {
  it('writes what A1111 writes', () => {
    expect(formatParameters(fox)).toBe(
      [
        'a fox, sitting <lora:lcm-lora:1> <lora:sketch:0.3>',
        'Negative prompt: blurry',
        'Steps: 4, Sampler: LCM, CFG scale: 1.5, Seed: 18446744073709551615, Size: 512x768, Model hash: abcdef0123, Model: emoji-tiny, Denoising strength: 0.5, Version: Latent Loom',
      ].join('\n'),
    )
  })

  it('writes a schedule of its own name and a high-resolution fix as A1111 1.9 does', () => {
    const fix = { upscale: 2, steps: 6, upscaler: 'Latent (bicubic)' }
    const last = formatParameters({ ...fox, scheduleType: 'SGM Uniform', highResolutionFix: fix })
      .split('\n')
      .at(-1)
    expect(last).toMatch(/^Steps: 4, Sampler: LCM, Schedule type: SGM Uniform, CFG scale: 1.5, /)
    expect(last).toMatch(
      /Denoising strength: 0.5, Hires upscale: 2, Hires steps: 6, Hires upscaler: Latent \(bicubic\), Version: /,
    )
    expect(formatParameters({ ...fox, seed: undefined })).not.toContain('Seed')
  })

  it('leaves out what there is not', () => {
    const text = formatParameters({ ...fox, negative: '', loras: [], modelHash: undefined, denoise: undefined })
    expect(text).toBe(
      'a fox, sitting\nSteps: 4, Sampler: LCM, CFG scale: 1.5, Seed: 18446744073709551615, Size: 512x768, Model: emoji-tiny, Version: Latent Loom',
    )
  })

  it('keeps names from breaking the fields, and a prompt from posing as them', () => {
    const lines = formatParameters({
      ...fox,
      prompt: 'a fox\r\nSteps: 99, Seed: 1',
      model: 'x, Seed: 7\n"y"',
      loras: [{ name: 'a:b>', strength: -1e-7 }],
    }).split('\n')
    expect(lines.filter((line) => line.startsWith('Steps: '))).toEqual([lines.at(-1)])
    expect(lines.at(-1)).toContain('Model: x_ Seed_ 7_y_, ')
    expect(lines[1]).toContain('<lora:a_b_:0>')
  })

  it('keeps whole numbers whole', () => {
    expect(formatParameters({ ...fox, cfg: 10 })).toContain('CFG scale: 10, ')
    expect(formatParameters({ ...fox, cfg: 0 })).toContain('CFG scale: 0, ')
  })
})
