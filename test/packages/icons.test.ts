import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, expect, it } from 'vitest'
import { programFolder } from '#main/program.ts'
import { drawIcons } from '../../scripts/pack/icons.ts'
import { temporaryFolder } from '../golden-networks.ts'

const folder = temporaryFolder()
beforeAll(() => drawIcons(join(programFolder, 'src-renderer', 'public', 'icon.svg'), folder))

const widthOf = async (png: Buffer): Promise<number> => (await sharp(png).metadata()).width

it('draws the sizes that Linux looks for', async () => {
  const files = readdirSync(join(folder, 'icons'))
  expect(files).toContain('256x256.png')
  for (const file of files) {
    expect(`${await widthOf(readFileSync(join(folder, 'icons', file)))}x`, file).toBe(
      file.slice(0, file.indexOf('x') + 1),
    )
  }
})

it('packs pictures for Windows where their entries say', async () => {
  const ico = readFileSync(join(folder, 'icon.ico'))
  expect([ico.readUInt16LE(0), ico.readUInt16LE(2)]).toEqual([0, 1])
  const entries = Array.from({ length: ico.readUInt16LE(4) }, (_, at) => 6 + 16 * at)
  for (const entry of entries) {
    const [length, place] = [ico.readUInt32LE(entry + 8), ico.readUInt32LE(entry + 12)]
    expect(await widthOf(ico.subarray(place, place + length))).toBe(ico.readUInt8(entry) || 256)
  }
  expect(ico.readUInt8(entries.at(-1) ?? 0)).toBe(0)
})

it('packs pictures for macOS by their names, with a free margin', async () => {
  const icns = readFileSync(join(folder, 'icon.icns'))
  expect(icns.toString('latin1', 0, 4)).toBe('icns')
  expect(icns.readUInt32BE(4)).toBe(icns.length)
  const widths: Record<string, number> = {}
  for (let place = 8; place < icns.length; place += icns.readUInt32BE(place + 4)) {
    const png = icns.subarray(place + 8, place + icns.readUInt32BE(place + 4))
    widths[icns.toString('latin1', place, place + 4)] = await widthOf(png)
  }
  expect(widths).toEqual({ ic11: 32, ic12: 64, ic07: 128, ic08: 256, ic09: 512, ic10: 1024 })
})
