import { createRequire } from 'node:module'
import sharp from 'sharp'
import type { StepRule } from '../runtime/executor.ts'
import type { FloatTensor } from '../runtime/values.ts'
import { floatBytes } from './tensors.ts'

/** Pixels between cells. */
const gap = 8
/** Pixels of the labels' letters. */
const letters = 14
const fontFile = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')

/** Adds a picture to those that a grid will show. */
export const cell: StepRule<'cell'> = {
  bytes: (cells) => cells.reduce((sum, tensor) => sum + floatBytes(tensor), 0),
  run: async (_context, { others = [], image }) => [...others, image.tensor],
}

/** Dark on light: how much ink lies on each pixel, 0 to 1. */
interface Label {
  readonly ink: Float32Array
  readonly width: number
  readonly height: number
}

/** Pictures in rows and columns on white, each column and row with its label; the pictures keep their values exactly. */
export const grid: StepRule<'grid'> = {
  bytes: ({ tensor }) => floatBytes(tensor),
  async run(_context, { cells }, { columns, rows }) {
    const [above, beside] = [await Promise.all(columns.map(label)), await Promise.all(rows.map(label))]
    const pictures = cells.map(inOneRow)
    const inColumn = (column: number) => pictures.filter((_, at) => at % columns.length === column)
    const inRow = (row: number) => pictures.slice(row * columns.length, (row + 1) * columns.length)
    const widths = above.map(({ width }, column) => Math.max(width, ...inColumn(column).map(widthOf)))
    const heights = beside.map(({ height }, row) => Math.max(height, ...inRow(row).map(heightOf)))
    const lefts = places(Math.max(0, ...beside.map(({ width }) => width)), widths)
    const tops = places(Math.max(0, ...above.map(({ height }) => height)), heights)
    const [width = gap, height = gap] = [lefts.at(-1), tops.at(-1)]
    const shape = [1, 3, height, width]
    const tensor: FloatTensor = { data: new Float32Array(3 * height * width).fill(1), shape }
    above.forEach((each, column) => {
      write(tensor, each, (lefts[column] ?? 0) + Math.max(0, ((widths[column] ?? 0) - each.width) >> 1), gap >> 1)
    })
    beside.forEach((each, row) => {
      write(tensor, each, gap >> 1, (tops[row] ?? 0) + Math.max(0, ((heights[row] ?? 0) - each.height) >> 1))
    })
    pictures.forEach((picture, at) => {
      paste(tensor, picture, lefts[at % columns.length] ?? 0, tops[Math.floor(at / columns.length)] ?? 0)
    })
    return { tensor }
  },
}

const widthOf = ({ shape }: FloatTensor): number => shape[3] ?? 0
const heightOf = ({ shape }: FloatTensor): number => shape[2] ?? 0

/** Where each of several things begins that lie behind a label with gaps between them; last, where all of it ends. */
function places(behind: number, sizes: readonly number[]): number[] {
  const starts = [behind > 0 ? behind + gap : gap]
  for (const size of sizes) starts.push((starts.at(-1) ?? 0) + size + gap)
  return starts
}

/** The pictures of a batch `(batch, 3, height, width)` side by side, as one. */
function inOneRow(batch: FloatTensor): FloatTensor {
  const [count = 1, , height = 0, width = 0] = batch.shape
  if (count === 1) return batch
  const row: FloatTensor = { data: new Float32Array(batch.data.length), shape: [1, 3, height, count * width] }
  const size = 3 * height * width
  for (let index = 0; index < count; index++) {
    const one = { data: batch.data.subarray(index * size, (index + 1) * size), shape: [1, 3, height, width] }
    paste(row, one, index * width, 0)
  }
  return row
}

function paste(to: FloatTensor, from: FloatTensor, left: number, top: number): void {
  const [width, height] = [widthOf(from), heightOf(from)]
  for (let plane = 0; plane < 3; plane++) {
    for (let y = 0; y < height; y++) {
      const start = (plane * height + y) * width
      const at = (plane * heightOf(to) + top + y) * widthOf(to) + left
      to.data.set(from.data.subarray(start, start + width), at)
    }
  }
}

function write(to: FloatTensor, { ink, width, height }: Label, left: number, top: number): void {
  for (let plane = 0; plane < 3; plane++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        to.data[(plane * heightOf(to) + top + y) * widthOf(to) + left + x] = 1 - (ink[y * width + x] ?? 0)
      }
    }
  }
}

/** A text as ink; the program's own font draws alike on every system. */
async function label(text: string): Promise<Label> {
  if (text.trim() === '') return { ink: new Float32Array(0), width: 0, height: 0 }
  const markup = text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  const { data, info } = await sharp({
    text: { text: markup, font: `DejaVu Sans ${letters}`, fontfile: fontFile, dpi: 72, rgba: true },
  })
    .extractChannel('alpha')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { ink: Float32Array.from(data, (level) => level / 255), width: info.width, height: info.height }
}
