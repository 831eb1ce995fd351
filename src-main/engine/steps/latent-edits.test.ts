import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LatentCombination, LatentEdit } from '#core/plan/latent-edit.ts'
import { stepContext } from '#test/step-context.ts'
import type { Latent } from '../runtime/values.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import { combineLatents } from './latent-combinations.ts'
import { editLatent, latentBytes } from './latent-edits.ts'

const context = stepContext()
const edit = (latent: Latent, what: LatentEdit) => editLatent.run(context, { latent }, { edit: what })
const combine = (first: Latent, second: Latent, how: LatentCombination) =>
  combineLatents.run(context, { first, second }, { how })

/** A tensor of 1, 2, 3, … */
function counting(...shape: readonly number[]): FloatTensor {
  const size = shape.reduce((product, side) => product * side, 1)
  return { data: Float32Array.from({ length: size }, (_, i) => i + 1), shape }
}
const full = (value: number, ...shape: readonly number[]): FloatTensor => {
  const { data } = counting(...shape)
  return { data: data.fill(value), shape }
}
const latentOf = (tensor: FloatTensor, more: Partial<Latent> = {}): Latent => ({ tensor, empty: false, ...more })
const values = ({ data }: FloatTensor) => [...data]

describe('edit-latent', () => {
  it('scales by a factor to whole cells, never to none', async () => {
    const latent = latentOf(counting(1, 4, 3, 5))
    expect((await edit(latent, { kind: 'scale', by: 1.5, method: 'bilinear' })).tensor.shape).toEqual([1, 4, 5, 8])
    expect((await edit(latent, { kind: 'scale', by: 0.1, method: 'nearest' })).tensor.shape).toEqual([1, 4, 1, 1])
  })

  it('scales masks without making them soft, and what an inpainting UNet is shown as the latent', async () => {
    const mask = { data: Float32Array.of(0, 1), shape: [1, 1, 1, 2] }
    const masked = { data: Float32Array.of(0, 4), shape: [1, 1, 1, 2] }
    const latent = latentOf(counting(1, 1, 1, 2), { noiseMask: mask, inpaint: { mask, masked } })
    const scaled = await edit(latent, { kind: 'resize', width: 32, height: 8, method: 'bilinear' })
    expect(values(scaled.tensor)).toEqual([1, 1.25, 1.75, 2])
    expect(scaled.noiseMask && values(scaled.noiseMask)).toEqual([0, 0, 1, 1])
    expect(scaled.inpaint && values(scaled.inpaint.mask)).toEqual([0, 0, 1, 1])
    expect(scaled.inpaint && values(scaled.inpaint.masked)).toEqual([0, 1, 3, 4])
    expect(latentBytes(scaled)).toBe(4 * 16)
  })

  it('carries what else is known of a latent', async () => {
    const drawn = { seed: '3', shape: [1, 1, 2, 2] }
    const more = { empty: true, vae: 'a', drawn }
    const latent = latentOf(counting(1, 1, 2, 2), more)
    for (const what of [
      { kind: 'scale', by: 2, method: 'bislerp' },
      { kind: 'crop', x: 0, y: 8, width: 8, height: 8 },
      { kind: 'turn', turn: 'rotate-90' },
      { kind: 'repeat', count: 2 },
      { kind: 'pick', index: 0, count: 1 },
    ] as const) {
      expect(await edit(latent, what)).toMatchObject(more)
    }
  })

  it('crops the rectangle, of the mask too', async () => {
    const latent = latentOf(counting(1, 2, 3, 4), { noiseMask: counting(1, 1, 3, 4) })
    const cropped = await edit(latent, { kind: 'crop', x: 8, y: 8, width: 16, height: 8 })
    expect(cropped.tensor).toEqual({ data: Float32Array.of(6, 7, 18, 19), shape: [1, 2, 1, 2] })
    expect(cropped.noiseMask && values(cropped.noiseMask)).toEqual([6, 7])
  })

  it.each([
    ['flip-horizontal', [3, 2, 1, 6, 5, 4], [2, 3]],
    ['flip-vertical', [4, 5, 6, 1, 2, 3], [2, 3]],
    ['rotate-90', [4, 1, 5, 2, 6, 3], [3, 2]],
    ['rotate-180', [6, 5, 4, 3, 2, 1], [2, 3]],
    ['rotate-270', [3, 6, 2, 5, 1, 4], [3, 2]],
  ] as const)('turns: %s', async (turn, expected, size) => {
    const { tensor } = await edit(latentOf(counting(1, 1, 2, 3)), { kind: 'turn', turn })
    expect(values(tensor)).toEqual(expected)
    expect(tensor.shape).toEqual([1, 1, ...size])
  })

  it('comes back to the start after two flips and four quarter turns', async () => {
    const latent = latentOf(counting(2, 3, 4, 5))
    for (const [turn, times] of [
      ['flip-horizontal', 2],
      ['flip-vertical', 2],
      ['rotate-90', 4],
      ['rotate-270', 4],
    ] as const) {
      let at = latent
      for (let i = 0; i < times; i++) at = await edit(at, { kind: 'turn', turn })
      expect(at.tensor).toEqual(latent.tensor)
    }
  })

  it('repeats a batch and numbers the copies on, but for a mask that all share', async () => {
    const latent = latentOf(counting(2, 1, 1, 1), { noiseMask: full(1, 1, 1, 1, 1) })
    const repeated = await edit(latent, { kind: 'repeat', count: 2 })
    expect(values(repeated.tensor)).toEqual([1, 2, 1, 2])
    expect(repeated.noiseMask?.shape).toEqual([1, 1, 1, 1])
    expect(repeated).not.toHaveProperty('batchIndices')
    const picked = await edit(latent, { kind: 'pick', index: 1, count: 1 })
    expect(await edit(picked, { kind: 'repeat', count: 2 })).toMatchObject({ batchIndices: [1, 3], batchSize: 4 })
  })

  it('picks pictures and remembers where they stood', async () => {
    const latent = latentOf(counting(4, 1, 1, 2), { noiseMask: counting(4, 1, 1, 2) })
    const picked = await edit(latent, { kind: 'pick', index: 1, count: 2 })
    expect(values(picked.tensor)).toEqual([3, 4, 5, 6])
    expect(picked.noiseMask && values(picked.noiseMask)).toEqual([3, 4, 5, 6])
    expect(picked).toMatchObject({ batchIndices: [1, 2], batchSize: 4 })
    expect(await edit(picked, { kind: 'pick', index: 1, count: 1 })).toMatchObject({ batchIndices: [2], batchSize: 4 })
  })

  it('gives the picked copy of a repeated latent back', async () => {
    const small = fc.integer({ min: 1, max: 4 })
    await fc.assert(
      fc.asyncProperty(small, small, small, fc.nat(), async (batch, count, side, at) => {
        const latent = latentOf(counting(batch, 2, side, 3))
        const repeated = await edit(latent, { kind: 'repeat', count })
        const index = at % (batch * count)
        const [copy, original] = await Promise.all([
          edit(repeated, { kind: 'pick', index, count: 1 }),
          edit(latent, { kind: 'pick', index: index % batch, count: 1 }),
        ])
        expect(copy.tensor).toEqual(original.tensor)
      }),
    )
  })

  it('refuses what lies outside, what is not there and what is too large', async () => {
    const latent = latentOf(counting(2, 1, 2, 3))
    const crop = { kind: 'crop', x: 16, y: 0, width: 16, height: 8 } as const
    await expect(edit(latent, crop)).rejects.toMatchObject({
      code: 'range',
      input: 'width',
      message: 'The width of the crop ends at pixel 32, outside the latent, whose width is 24.',
    })
    await expect(edit(latent, { kind: 'pick', index: 2, count: 1 })).rejects.toMatchObject({
      code: 'range',
      message: 'The batch has 2 pictures, but picture 3 is asked for.',
    })
    await expect(edit(latent, { kind: 'scale', by: 1000, method: 'nearest' })).rejects.toMatchObject({ code: 'limit' })
  })
})

describe('combine-latents', () => {
  const on = (x: number, y: number, feather = 0) => ({ kind: 'composite', x, y, feather }) as const

  it('lays one on the other and cuts off what sticks out', async () => {
    const { tensor } = await combine(latentOf(full(0, 1, 1, 2, 3)), latentOf(counting(1, 1, 2, 2)), on(16, 8))
    expect(values(tensor)).toEqual([0, 0, 0, 0, 0, 1])
  })

  it('leaves everything as it is beside the picture', async () => {
    const below = latentOf(counting(1, 1, 2, 2))
    expect((await combine(below, latentOf(full(9, 1, 1, 1, 1)), on(80, 80))).tensor).toEqual(below.tensor)
  })

  it('feathers the edges that lie within, not those at the rim', async () => {
    const { tensor } = await combine(latentOf(full(0, 1, 1, 1, 6)), latentOf(full(4, 1, 1, 1, 4)), on(8, 0, 16))
    expect(values(tensor)).toEqual([0, 2, 4, 4, 2, 0])
    const rim = await combine(latentOf(full(0, 1, 1, 1, 5)), latentOf(full(4, 1, 1, 1, 4)), on(0, 0, 16))
    expect(values(rim.tensor)).toEqual([4, 4, 4, 2, 0])
  })

  it('gives what was laid on back when it is cropped out', async () => {
    const cell = fc.integer({ min: 0, max: 3 })
    const side = fc.integer({ min: 1, max: 3 })
    await fc.assert(
      fc.asyncProperty(cell, cell, side, side, async (x, y, width, height) => {
        const above = latentOf(counting(2, 3, height, width))
        const laid = await combine(latentOf(full(0, 2, 3, 6, 6)), above, on(8 * x, 8 * y))
        const rectangle = { x: 8 * x, y: 8 * y, width: 8 * width, height: 8 * height }
        expect((await edit(laid, { kind: 'crop', ...rectangle })).tensor).toEqual(above.tensor)
      }),
    )
  })

  it('blends by shares, one picture with a whole batch', async () => {
    const first = latentOf(counting(2, 1, 1, 1))
    const { tensor } = await combine(first, latentOf(full(5, 1, 1, 1, 1)), { kind: 'blend', amount: 0.25 })
    expect(values(tensor)).toEqual([2, 2.75])
  })

  it('joins batches with the masks of both: one without is drawn everywhere', async () => {
    const masked = latentOf(counting(2, 1, 1, 1), { noiseMask: full(0, 1, 1, 1, 1), vae: 'a' })
    const joined = await combine(latentOf(full(9, 1, 1, 1, 1)), masked, { kind: 'join' })
    expect(values(joined.tensor)).toEqual([9, 1, 2])
    expect(joined.noiseMask && values(joined.noiseMask)).toEqual([1, 0, 0])
    expect(joined.vae).toBe('a')
    expect(joined).not.toHaveProperty('batchIndices')
  })

  it('keeps the places of joined pictures, but never gives two one noise', async () => {
    const batch = latentOf(counting(4, 1, 1, 1))
    const [second, fourth] = await Promise.all(
      [1, 3].map((index) => edit(batch, { kind: 'pick', index, count: 1 } as const)),
    )
    if (!second || !fourth) throw new Error('Nothing was picked.')
    expect(await combine(fourth, second, { kind: 'join' })).toMatchObject({ batchIndices: [3, 1], batchSize: 4 })
    expect(await combine(second, second, { kind: 'join' })).toMatchObject({ batchIndices: [1, 5], batchSize: 8 })
  })

  it.each(['composite', 'blend', 'join'] as const)('%s is empty only where both are', async (kind) => {
    const how = { composite: on(0, 0), blend: { kind: 'blend', amount: 0.5 }, join: { kind: 'join' } } as const
    const [empty, drawn] = [true, false].map((is) => latentOf(counting(1, 1, 1, 1), { empty: is }))
    if (!empty || !drawn) throw new Error('There are two.')
    expect((await combine(empty, empty, how[kind])).empty).toBe(true)
    expect((await combine(empty, drawn, how[kind])).empty).toBe(false)
    expect((await combine(drawn, empty, how[kind])).empty).toBe(false)
  })

  it('refuses other sizes, channels and batches', async () => {
    const latent = latentOf(counting(2, 4, 1, 1))
    const blend = { kind: 'blend', amount: 0.5 } as const
    await expect(combine(latent, latentOf(counting(2, 4, 1, 2)), blend)).rejects.toMatchObject({
      message: 'The first latent has 8 x 8 pixels, the second 16 x 8 pixels.',
    })
    await expect(combine(latent, latentOf(counting(2, 16, 1, 1)), blend)).rejects.toMatchObject({
      message: 'One latent has 4 channels, the other 16.',
    })
    await expect(combine(latent, latentOf(counting(3, 4, 1, 1)), blend)).rejects.toMatchObject({
      message: 'One latent holds 2 pictures, the other 3.',
    })
  })
})
