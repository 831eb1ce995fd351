import { describe, expect, it } from 'vitest'
import { stepContext } from '#test/step-context.ts'
import type { Latent } from '../runtime/values.ts'
import { type FloatTensor, zeros } from '../tensor/float-tensor.ts'
import { besideInpaint, greyOut, hardenMask, inpaintLatent, inpaintOf, setNoiseMask } from './inpaint.ts'

const context = stepContext()
const values = ({ data }: FloatTensor) => [...data]
const tensor = (shape: readonly number[], ...data: number[]): FloatTensor => ({ data: Float32Array.from(data), shape })

/** A mask whose value at (x, y) is given. */
function maskOf(width: number, height: number, value: (x: number, y: number) => number): { tensor: FloatTensor } {
  const { data, shape } = zeros([1, 1, height, width])
  return { tensor: { data: data.map((_, i) => value(i % width, Math.floor(i / width))), shape } }
}
const latentOf = (width: number, height: number, batch = 1): Latent => ({
  tensor: zeros([batch, 4, height, width]),
  empty: false,
})

describe('set-noise-mask', () => {
  it('scales the mask to the latent and leaves it soft', async () => {
    const mask = maskOf(2, 1, (x) => x)
    const { noiseMask } = await setNoiseMask.run(context, { latent: latentOf(4, 1), mask }, {})
    expect(noiseMask).toEqual(tensor([1, 1, 1, 4], 0, 0.25, 0.75, 1))
  })

  it('refuses as many masks as there are not pictures', async () => {
    const mask = { tensor: zeros([2, 1, 8, 8]) }
    await expect(setNoiseMask.run(context, { latent: latentOf(1, 1, 3), mask }, {})).rejects.toMatchObject({
      code: 'mismatch',
      message: 'There are 2 masks for 3 pictures of the latent.',
    })
  })
})

describe('harden-mask', () => {
  it('is 1 from one half on, at the size of the picture', async () => {
    const image = { tensor: zeros([1, 3, 1, 4]) }
    const { tensor: hard } = await hardenMask.run(
      context,
      { mask: { tensor: tensor([1, 1, 1, 2], 0, 0.8) }, image },
      {},
    )
    expect(values(hard)).toEqual([0, 0, 1, 1])
    const exact = { tensor: tensor([1, 1, 1, 4], 0.49, 0.5, 0.51, 1) }
    expect(values((await hardenMask.run(context, { mask: exact, image }, {})).tensor)).toEqual([0, 1, 1, 1])
  })
})

describe('grey-out', () => {
  it('fills the hole of every channel and picture with mid-grey', async () => {
    const image = { tensor: tensor([2, 2, 1, 2], 1, 2, 3, 4, 5, 6, 7, 8) }
    const shared = { tensor: tensor([1, 1, 1, 2], 1, 0) }
    expect(values((await greyOut.run(context, { image, mask: shared }, {})).tensor)).toEqual([
      0.5, 2, 0.5, 4, 0.5, 6, 0.5, 8,
    ])
    const own = { tensor: tensor([2, 1, 1, 2], 1, 0, 0, 1) }
    expect(values((await greyOut.run(context, { image, mask: own }, {})).tensor)).toEqual([
      0.5, 2, 0.5, 4, 5, 0.5, 7, 0.5,
    ])
  })
})

describe('inpaint-latent', () => {
  const run = (latent: Latent, mask: { tensor: FloatTensor }) =>
    inpaintLatent.run(context, { latent, masked: latentOf(2, 1), mask }, {})

  it('takes the first pixel of each cell', async () => {
    const { noiseMask, inpaint } = await run(
      latentOf(2, 1),
      maskOf(16, 8, (x, y) => (x === 8 && y === 0 ? 1 : 0)),
    )
    expect(noiseMask).toEqual(tensor([1, 1, 1, 2], 0, 1))
    expect(inpaint?.mask).toEqual(noiseMask)
  })

  it('leaves out the edges that VAE Encode cut off the picture', async () => {
    const { noiseMask } = await run(
      latentOf(2, 1),
      maskOf(21, 11, (x, y) => (x === 10 && y === 1 ? 1 : 0)),
    )
    expect(noiseMask).toEqual(tensor([1, 1, 1, 2], 0, 1))
  })
})

describe('what a UNet of 9 channels is shown', () => {
  it('is the latent, the mask and the surroundings of each picture, again for the next batch', () => {
    const inpaint = { mask: tensor([1, 1, 1, 1], 7), masked: tensor([2, 1, 1, 1], 8, 9) }
    const shown = besideInpaint(tensor([4, 1, 1, 1], 1, 2, 3, 4), inpaint)
    expect(shown).toEqual(tensor([4, 3, 1, 1], 1, 7, 8, 2, 7, 9, 3, 7, 8, 4, 7, 9))
  })

  it('is a hole as large as the picture where nothing is known', () => {
    const shown = besideInpaint(zeros([2, 4, 1, 1]), inpaintOf(latentOf(1, 1, 2)))
    expect(shown).toEqual(tensor([2, 9, 1, 1], ...[1, 2].flatMap(() => [0, 0, 0, 0, 1, 0, 0, 0, 0])))
  })
})
