import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

/** The sizes in an `.ico`, which ends at 256. */
const windowsSizes = [16, 24, 32, 48, 64, 128, 256]
/** The sizes of the hicolor theme. */
const linuxSizes = [16, 32, 48, 64, 128, 256, 512]
/** Apple's name of each picture in an `.icns`, and its size. */
const macPictures = { ic11: 32, ic12: 64, ic07: 128, ic08: 256, ic09: 512, ic10: 1024 } as const
/** The share of the square that Apple leaves free on each side. */
const macMargin = 100 / 1024

/** A picture of an icon file. */
interface Sized {
  readonly size: number
  readonly png: Buffer
}

/**
 * Draws the program's icon for each system from its SVG: `icon.ico`, `icon.icns`, and `icons/NxN.png`.
 * @param svg the SVG file
 * @param folder where they are put
 */
export async function drawIcons(svg: string, folder: string): Promise<void> {
  const source = await readFile(svg)
  const draw = async (size: number, margin = 0): Promise<Sized> => {
    const free = Math.round(size * margin)
    const inner = size - 2 * free
    // a scalable picture is drawn at its size, not enlarged
    const drawn = await sharp(source, { density: (72 * inner) / 32 })
      .resize(inner)
      .png()
      .toBuffer()
    const edges = { top: free, bottom: free, left: free, right: free }
    const png = await sharp(drawn)
      .extend({ ...edges, background: { r: 0, g: 0, b: 0, alpha: 0 } })
      .png({ compressionLevel: 9 })
      .toBuffer()
    return { size, png }
  }
  await mkdir(join(folder, 'icons'), { recursive: true })
  for (const size of linuxSizes) {
    await writeFile(join(folder, 'icons', `${size}x${size}.png`), (await draw(size)).png)
  }
  await writeFile(join(folder, 'icon.ico'), icoFile(await Promise.all(windowsSizes.map((size) => draw(size)))))
  const pictures = Object.entries(macPictures).map(async ([name, size]) => ({ name, ...(await draw(size, macMargin)) }))
  await writeFile(join(folder, 'icon.icns'), icnsFile(await Promise.all(pictures)))
}

/** Source: https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10), with pictures as PNG since Windows Vista. */
function icoFile(pictures: readonly Sized[]): Buffer {
  const header = Buffer.alloc(6 + 16 * pictures.length)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(pictures.length, 4)
  let place = header.length
  for (const [at, { size, png }] of pictures.entries()) {
    const entry = 6 + 16 * at
    // 0 stands for 256
    header.writeUInt8(size % 256, entry)
    header.writeUInt8(size % 256, entry + 1)
    header.writeUInt16LE(1, entry + 4)
    header.writeUInt16LE(32, entry + 6)
    header.writeUInt32LE(png.length, entry + 8)
    header.writeUInt32LE(place, entry + 12)
    place += png.length
  }
  return Buffer.concat([header, ...pictures.map(({ png }) => png)])
}

/** Source: https://en.wikipedia.org/wiki/Apple_Icon_Image_format. */
function icnsFile(pictures: readonly (Sized & { readonly name: string })[]): Buffer {
  const head = (name: string, length: number) => {
    const bytes = Buffer.alloc(8)
    bytes.write(name, 'latin1')
    bytes.writeUInt32BE(length + 8, 4)
    return bytes
  }
  const body = Buffer.concat(pictures.flatMap(({ name, png }) => [head(name, png.length), png]))
  return Buffer.concat([head('icns', body.length), body])
}
