import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import sharp, { type OverlayOptions } from 'sharp'

/** Pictures with the same setting, side by side. */
export interface SheetCell {
  readonly pictures: readonly string[]
}

interface SheetRow {
  readonly label: string
  /** One per column; absent: nothing was drawn. */
  readonly cells: readonly (SheetCell | undefined)[]
}

export interface SheetSection {
  readonly title: string
  /** Column headings. */
  readonly columns: readonly string[]
  readonly rows: readonly SheetRow[]
}

const margin = 28
const labelWidth = 190
const gap = 6
const columnGap = 18
const headHeight = 30
const titleHeight = 46
const ink = '#1d2430'
const faint = '#6a7382'

const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf')

/**
 * Draws sections of labelled rows of pictures of equal size.
 * @param size side of a picture in pixels
 */
export async function drawSheet(path: string, sections: readonly SheetSection[], size: number): Promise<void> {
  const overlays: OverlayOptions[] = []
  let top = margin
  let width = 0
  const write = async (text: string, left: number, y: number, style: TextStyle) => {
    overlays.push({ input: await drawText(text, style), left, top: y })
  }
  for (const { title, columns, rows } of sections) {
    await write(title, margin, top, { size: 17, bold: true, colour: ink })
    top += titleHeight
    const cellWidths = columns.map((_, column) => {
      const counts = rows.map(({ cells }) => cells[column]?.pictures.length ?? 0)
      return Math.max(...counts) * (size + gap) - gap + columnGap
    })
    const lefts = cellWidths.map((_, column) => margin + labelWidth + sum(cellWidths.slice(0, column)))
    for (const [column, head] of columns.entries()) {
      await write(head, lefts[column] ?? 0, top, { size: 13, colour: faint })
    }
    top += headHeight
    for (const { label, cells } of rows) {
      await write(label, margin, top + size / 2 - 16, { size: 13, colour: ink })
      for (const [column, cell] of cells.entries()) {
        for (const [index, picture] of (cell?.pictures ?? []).entries()) {
          const input = await sharp(picture).resize(size, size).png().toBuffer()
          overlays.push({ input, left: (lefts[column] ?? 0) + index * (size + gap), top })
        }
      }
      top += size + gap
    }
    top += margin
    width = Math.max(width, margin + labelWidth + sum(cellWidths) - columnGap + margin)
  }
  await sharp({ create: { width, height: top, channels: 3, background: '#f7f8fa' } })
    .composite(overlays)
    // 256 colours are enough for flat drawings, and give a sixth of the size
    .png({ palette: true, quality: 100, effort: 10 })
    .toFile(path)
}

interface TextStyle {
  readonly size: number
  readonly colour: string
  readonly bold?: boolean
}

/** Uses the bundled font, because the machine may have none. */
function drawText(text: string, { size, colour, bold = false }: TextStyle): Promise<Buffer> {
  const fontfile = join(fonts, bold ? 'DejaVuSans-Bold.ttf' : 'DejaVuSans.ttf')
  const markup = `<span foreground="${colour}">${text}</span>`
  return sharp({
    text: {
      text: markup,
      font: `DejaVu Sans ${bold ? 'Bold ' : ''}${size}`,
      fontfile,
      rgba: true,
      dpi: 72,
      width: 700,
    },
  })
    .png()
    .toBuffer()
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
