import sharp from 'sharp'
import { expect, it } from 'vitest'
import { stepContext } from '#test/step-context.ts'
import { toPixels } from '../images/encode.ts'
import type { RuntimeValues } from '../runtime/values.ts'
import type { FloatTensor } from '../tensor/float-tensor.ts'
import { cell, grid, joinCells } from './grid.ts'

const flat = (value: number, width: number, height: number, batch = 1): FloatTensor => ({
  data: new Float32Array(batch * 3 * width * height).fill(value),
  shape: [batch, 3, height, width],
})
const at = ({ data, shape }: FloatTensor, x: number, y: number) => data[y * (shape[3] ?? 0) + x]

async function drawn(pictures: readonly FloatTensor[], columns: readonly string[], rows: readonly string[]) {
  let cells: RuntimeValues['cells'] = []
  for (const tensor of pictures) {
    const second = await cell.run(stepContext(), { image: { tensor } }, { of: pictures.length })
    cells = await joinCells.run(stepContext(), { first: cells, second }, {})
  }
  const { tensor } = await grid.run(stepContext(), { cells }, { columns, rows })
  return tensor
}

it('places pictures row by row, as files hold them, on white', async () => {
  const tensor = await drawn(
    [flat(0.1, 16, 16), flat(0.2, 16, 16), flat(0.3, 16, 16), flat(0.4, 16, 16)],
    ['', ''],
    ['', ''],
  )
  expect(tensor.shape).toEqual([1, 3, 8 + 2 * (16 + 8), 8 + 2 * (16 + 8)])
  expect([at(tensor, 8, 8), at(tensor, 40, 8), at(tensor, 8, 40), at(tensor, 47, 47)]).toEqual(
    [0.1, 0.2, 0.3, 0.4].map((value) => Math.fround(Math.round(255 * value) / 255)),
  )
  expect(at(tensor, 0, 0)).toBe(1)
  expect(at(tensor, 26, 10)).toBe(1)
})

it('makes columns and rows as large as their largest picture, a batch side by side', async () => {
  const tensor = await drawn([flat(0.5, 8, 8, 3), flat(0.5, 32, 16)], ['', ''], [''])
  expect(tensor.shape).toEqual([1, 3, 8 + 16 + 8, 8 + 24 + 8 + 32 + 8])
  expect(at(tensor, 8 + 23, 8)).toBeCloseTo(0.5, 2)
})

it('centres a picture below a label that is wider', async () => {
  const tensor = await drawn([flat(0, 8, 8)], ['Style LoRA: Model strength\n0.5'], [''])
  const [, , height = 0, width = 0] = tensor.shape
  const dark = Array.from({ length: width }, (_, x) => x).filter((x) => (at(tensor, x, height - 10) ?? 1) < 0.5)
  expect(dark).toHaveLength(8)
  expect(Math.abs((dark[0] ?? 0) - (width - 8) / 2)).toBeLessThanOrEqual(1)
  expect(width).toBeGreaterThan(100)
})

it('refuses at the first picture what would be too large, and keeps the others in 8 bits', async () => {
  const tensor = flat(0.5, 1024, 1024)
  const [kept] = await cell.run(stepContext(), { image: { tensor } }, { of: 100 })
  expect(kept?.data.byteLength).toBe(3 * 1024 * 1024)
  await expect(cell.run(stepContext(), { image: { tensor } }, { of: 101 })).rejects.toMatchObject({ code: 'limit' })
})

it('writes the labels: other texts leave other ink, signs of markup too', async () => {
  const inkOf = async (label: string) => {
    const tensor = await drawn([flat(1, 200, 32)], [label], ['row'])
    const { data, width, height } = toPixels(tensor, 0)
    const { channels } = await sharp(data, { raw: { width, height, channels: 3 } }).stats()
    return 255 - (channels[0]?.mean ?? 255)
  }
  const [short, long, markup] = [await inkOf('seed 1'), await inkOf('seed 1111111111'), await inkOf('<b>&"')]
  expect(short).toBeGreaterThan(0.5)
  expect(long).toBeGreaterThan(short)
  expect(markup).toBeGreaterThan(0.5)
})
