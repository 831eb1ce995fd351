import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Desktop } from '#core/protocol/desktop.ts'
import { node } from '../browser/canvas.ts'
import { patience, patienceForRuns, pictureIn, runButton } from '../browser/controls.ts'
import { electron, isMissing, type Program, startProgram } from './program.ts'

/** Chooses an item of the native menu, once it is there. */
const choose = ({ app }: Program, ...path: readonly [string, string]) =>
  expect
    .poll(
      () =>
        app.evaluate(({ Menu }, [menu, label]) => {
          const items = Menu.getApplicationMenu()?.items.find((item) => item.label === menu)?.submenu?.items
          const item = items?.find((item) => item.label === label)
          if (item?.enabled) item.click()
          return item?.enabled
        }, path),
      patience,
    )
    .toBe(true)

const labelsIn = ({ app }: Program, menu: string) =>
  app.evaluate(
    ({ Menu }, menu) =>
      Menu.getApplicationMenu()
        ?.items.find((item) => item.label === menu)
        ?.submenu?.items.map(({ label }) => label) ?? [],
    menu,
  )

const windowState = ({ app }: Program) =>
  app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    return { ...window?.getBounds(), zoom: window?.webContents.getZoomLevel() }
  })

describe.skipIf(isMissing)(`menus and files of the window (${electron})`, () => {
  let program: Program
  beforeAll(async () => {
    program = await startProgram()
  })
  afterAll(() => program?.close())

  it('undoes in a text field what was typed there, and elsewhere what was done', async () => {
    const { page } = program
    const prompt = page.getByRole('textbox', { name: /prompt|text/i }).first()
    const before = await prompt.inputValue()
    await prompt.click()
    await page.keyboard.press('End')
    await page.keyboard.type(' zebra')
    await expect.poll(() => labelsIn(program, 'Edit'), patience).toContainEqual(expect.stringMatching(/^Undo ./))
    const [undo = ''] = await labelsIn(program, 'Edit')
    await choose(program, 'Edit', undo)
    await expect.poll(() => prompt.inputValue(), patience).not.toContain('zebra')
    await choose(program, 'Edit', 'Select all')
    await choose(program, 'Edit', 'Copy')
    await expect.poll(() => program.app.evaluate(({ clipboard }) => clipboard.readText()), patience).toBe(before)
    await page.keyboard.press('End')
    await choose(program, 'Edit', 'Paste')
    await expect.poll(() => prompt.inputValue(), patience).toBe(before + before)
  })

  it('has no dictionary, and fetches none, until spelling is to be checked', async () => {
    const spelling = await program.app.evaluate(({ session }) => ({
      on: session.defaultSession.isSpellCheckerEnabled(),
      languages: session.defaultSession.getSpellCheckerLanguages(),
    }))
    expect(spelling).toEqual({ on: false, languages: [] })
  })

  it('shows progress and the end of a long job where the system lists programs', async () => {
    const { page, app } = program
    await app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      const calls: unknown[] = []
      Reflect.set(globalThis, 'calls', calls)
      if (!window) return
      window.isFocused = () => false
      window.setProgressBar = (fraction) => void calls.push(fraction)
      window.flashFrame = (on) => void calls.push(on)
    })
    await page.evaluate(async () => {
      const desktop: Desktop = Reflect.get(window, 'desktop')
      await desktop.setProgress(0.5)
      await desktop.setProgress(null)
      await desktop.tellEnd({ title: 'Fox', body: 'Done.' })
    })
    expect(await app.evaluate(() => Reflect.get(globalThis, 'calls'))).toEqual([0.5, -1, true])
  })

  it('shows its log, which names the program', async () => {
    await choose(program, 'Help', 'Show the log')
    const file = String(await program.dialog('showItemInFolder'))
    expect(readFileSync(file, 'utf8')).toMatch(/^\S+Z window: Latent Loom .*Electron \d+/)
  })

  it('shows a picture in its folder, and drags its file out', async () => {
    const { page, app } = program
    await runButton(page).click()
    await pictureIn(node(page, 'Save Image')).waitFor(patienceForRuns)
    await page.getByRole('button', { name: 'Gallery' }).click()
    // the canvas has a button with the picture's name too
    const tile = page
      .getByRole('region', { name: 'Gallery' })
      .getByRole('button', { name: /^Picture / })
      .first()
    const dragged = app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      return new Promise<{ file: string; isEmpty: boolean }>((resolve) => {
        if (window) {
          window.webContents.startDrag = ({ file, icon }) =>
            resolve({ file: String(file), isEmpty: typeof icon === 'string' || icon.isEmpty() })
        }
      })
    })
    await tile.locator('img').dispatchEvent('dragstart')
    const { file, isEmpty } = await dragged
    expect([existsSync(file), isEmpty]).toEqual([true, false])
    await tile.click()
    await page.getByRole('button', { name: 'Show in folder' }).click()
    expect(await program.dialog('showItemInFolder', 2)).toBe(file)
    await page.keyboard.press('Escape')
  })

  it('shows the newest picture in a window of its own', async () => {
    const { app } = program
    const opened = app.waitForEvent('window')
    await choose(program, 'View', 'Newest picture on another display')
    const page = await opened
    const picture = page.getByRole('img', { name: /^Picture / })
    await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth), patience).toBeGreaterThan(0)
    expect(await page.evaluate(() => 'desktop' in window)).toBe(false)
    await app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()
        .find((window) => window.webContents.getURL().endsWith('#picture'))
        ?.webContents.sendInputEvent({ type: 'keyDown', keyCode: 'Escape' })
    })
    await expect.poll(() => page.isClosed(), patience).toBe(true)
  })

  it('lists documents that were opened or saved', async () => {
    const file = join(program.home, 'fox.loom.json')
    await choose(program, 'File', 'Save as…')
    await program.answer('showSaveDialog', { canceled: false, filePath: file })
    await expect.poll(() => existsSync(file), patience).toBe(true)
    const recent = () =>
      program.app.evaluate(({ Menu }) =>
        Menu.getApplicationMenu()
          ?.items[0]?.submenu?.items.find(({ label }) => label === 'Open recent')
          ?.submenu?.items.map(({ label }) => label),
      )
    await expect.poll(recent, patience).toEqual([expect.stringMatching(/^fox – /)])
    await choose(program, 'File', 'Show in folder')
    expect(await program.dialog('showItemInFolder', 3)).toBe(file)
  })

  it('comes back at its place, with its zoom and the settings of its page', async () => {
    const { app, home } = program
    await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 50, width: 1100, height: 700 }),
    )
    await choose(program, 'View', 'Larger interface')
    // from that of the system to the first of the others
    await choose(program, 'View', 'Switch theme')
    const theme = (of: Program) => of.page.locator('html').getAttribute('data-mantine-color-scheme')
    await expect.poll(() => theme(program), patience).toBe('dark')
    await program.answer('showMessageBoxSync', 0)
    await program.close()
    program = await startProgram({ home })
    expect(await windowState(program)).toEqual({ x: 40, y: 50, width: 1100, height: 700, zoom: 0.5 })
    await expect.poll(() => theme(program), patience).toBe('dark')
    const kept = JSON.parse(readFileSync(join(home, 'settings', 'window.json'), 'utf8'))
    expect(kept).toMatchObject({ theme: 'dark', zoom: 0.5 })
  })
})
