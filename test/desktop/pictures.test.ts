import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { programFolder } from '#main/program.ts'
import { node } from '../browser/canvas.ts'
import { patience, patienceForRuns, pictureIn, runButton } from '../browser/controls.ts'
import { electron, seat, startProgram } from './program.ts'

const frame = seat?.frame

/** What is on the screen of Xvfb, from its file in the format of xwd: big-endian numbers, then lines of BGRX. */
async function screenshot(path: string) {
  const bytes = await readFile(path)
  const [headerSize = 0, , , , width = 0, height = 0, , , , , , , lineSize = 0, , , , , , , colours = 0] = Array.from(
    { length: 20 },
    (_, index) => bytes.readUInt32BE(index * 4),
  )
  const lines = bytes.subarray(headerSize + colours * 12)
  const pixels = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++)
        pixels[(y * width + x) * 3 + channel] = lines[y * lineSize + x * 4 + 2 - channel] ?? 0
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

describe.skipIf(frame === undefined)(`pictures of the window (${electron})`, () => {
  it('show it with a picture and a menu of the system', async () => {
    const { app, page, close } = await startProgram()
    await runButton(page).click()
    await pictureIn(node(page, 'Save Image')).waitFor(patienceForRuns)
    const size = { width: 1440, height: 900 }
    await app.evaluate(({ BrowserWindow }, size) => {
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 0, y: 0, ...size })
    }, size)
    await expect.poll(() => page.evaluate(() => window.innerWidth), patience).toBe(size.width)
    const picture = async () => (await screenshot(frame ?? '')).extract({ left: 0, top: 0, ...size })
    const menuPlace = async () =>
      (await picture()).extract({ left: 2, top: 200, width: 30, height: 150 }).raw().toBuffer()
    const before = await menuPlace()
    await app.evaluate(({ BrowserWindow, Menu }) => {
      const [window] = BrowserWindow.getAllWindows()
      if (window) Menu.getApplicationMenu()?.items[0]?.submenu?.popup({ window, x: 0, y: 0 })
    })
    await expect.poll(async () => (await menuPlace()).equals(before), patience).toBe(false)
    if (process.env.UPDATE_PICTURES) {
      await new Promise((resolve) => setTimeout(resolve, 1500))
      await (await picture()).png({ palette: true }).toFile(join(programFolder, 'docs', 'pictures', 'window.png'))
    }
    await app.evaluate(({ Menu, BrowserWindow }) =>
      Menu.getApplicationMenu()?.items[0]?.submenu?.closePopup(BrowserWindow.getAllWindows()[0]),
    )
    await close()
  })
})
