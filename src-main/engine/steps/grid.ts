import { createRequire } from 'node:module'
import sharp from 'sharp'
import { gridFault } from '#core/plan/grid-size.ts'
import { type Pixels, toPixels } from '../images/encode.ts'
import type { RuntimeValues } from '../runtime/values.ts'
import { type FloatTensor, planeSize, tensorBytes } from '../tensor/float-tensor.ts'
import type { StepRule } from './context.ts'

/** Gap between cells in pixels. */
const gap = 8
/** Font size of the labels in pixels. */
const letters = 14
const fontFile = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')

type Cells = RuntimeValues['cells']

/** The size of the newest cell. The others are counted in the steps that made them. */
const bytes = (cells: Cells): number => cells.at(-1)?.data.byteLength ?? 0

/**
 * Stores pixels in 8 bits, which takes a quarter of the memory. Saved pictures are rounded in the same way.
 * @throws LoomError `limit` if the grid would be too large
 */
export const cell: StepRule<'cell'> = {
  bytes,
  async run(_context, { image: { tensor } }, { of }) {
    const fault = gridFault(of * (tensor.shape[0] ?? 1), planeSize(tensor))
    if (fault) throw fault
    return [inOneRow(tensor)]
  },
}

export const joinCells: StepRule<'join-cells'> = {
  bytes,
  run: async (_context, { first, second }) => [...first, ...second],
}

/** Arranges pictures in labelled rows and columns on white. */
export const grid: StepRule<'grid'> = {
  bytes: tensorBytes,
  async run(_context, { cells }, { columns, rows }) {
    const [above, beside] = [await Promise.all(columns.map(label)), await Promise.all(rows.map(label))]
    const inColumn = (column: number) => cells.filter((_, at) => at % columns.length === column)
    const inRow = (row: number) => cells.slice(row * columns.length, (row + 1) * columns.length)
    const widths = above.map((label, column) => Math.max(...[label, ...inColumn(column)].map(({ width }) => width)))
    const heights = beside.map((label, row) => Math.max(...[label, ...inRow(row)].map(({ height }) => height)))
    const lefts = places(Math.max(0, ...beside.map(({ width }) => width)), widths)
    const tops = places(Math.max(0, ...above.map(({ height }) => height)), heights)
    const [width = gap, height = gap] = [lefts.at(-1), tops.at(-1)]
    const shape = [1, 3, height, width]
    const tensor: FloatTensor = { data: new Float32Array(3 * height * width).fill(1), shape }
    above.forEach((each, column) => {
      paste(tensor, each, (lefts[column] ?? 0) + Math.max(0, ((widths[column] ?? 0) - each.width) >> 1), gap >> 1)
    })
    beside.forEach((each, row) => {
      paste(tensor, each, gap >> 1, (tops[row] ?? 0) + Math.max(0, ((heights[row] ?? 0) - each.height) >> 1))
    })
    cells.forEach((picture, at) => {
      const column = at % columns.length
      const left = (lefts[column] ?? 0) + (((widths[column] ?? 0) - picture.width) >> 1)
      paste(tensor, picture, left, tops[Math.floor(at / columns.length)] ?? 0)
    })
    return { tensor }
  },
}

/** Start positions of cells after a label, with gaps between them, and then the end of the last. */
function places(behind: number, sizes: readonly number[]): number[] {
  const starts = [behind > 0 ? behind + gap : gap]
  for (const size of sizes) starts.push((starts.at(-1) ?? 0) + size + gap)
  return starts
}

/** The pictures of a batch `(batch, 3, height, width)` side by side as one picture. */
function inOneRow(batch: FloatTensor): Pixels {
  const [count = 1, , height = 0, width = 0] = batch.shape
  const row = { data: new Uint8Array(3 * height * count * width), width: count * width, height }
  for (let index = 0; index < count; index++) {
    const { data } = toPixels(batch, index)
    for (let y = 0; y < height; y++) {
      row.data.set(data.subarray(3 * y * width, 3 * (y + 1) * width), 3 * (y * row.width + index * width))
    }
  }
  return row
}

function paste(to: FloatTensor, { data, width, height }: Pixels, left: number, top: number): void {
  const size = planeSize(to)
  for (let plane = 0; plane < 3; plane++) {
    for (let y = 0; y < height; y++) {
      const at = (plane * size.height + top + y) * size.width + left
      for (let x = 0; x < width; x++) to.data[at + x] = (data[3 * (y * width + x) + plane] ?? 0) / 255
    }
  }
}

/** A text, black on white. The bundled font looks the same on every system. */
async function label(text: string): Promise<Pixels> {
  if (text.trim() === '') return { data: new Uint8Array(0), width: 0, height: 0 }
  const markup = text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  const { data, info } = await sharp({
    text: { text: markup, font: `DejaVu Sans ${letters}`, fontfile: fontFile, dpi: 72, rgba: true, align: 'centre' },
  })
    .extractChannel('alpha')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height } = info
  return {
    data: Uint8Array.from({ length: 3 * width * height }, (_, i) => 255 - (data[Math.floor(i / 3)] ?? 0)),
    width,
    height,
  }
}
