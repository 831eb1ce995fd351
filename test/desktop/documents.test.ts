import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type } from '../browser/canvas.ts'
import { patience } from '../browser/controls.ts'
import { electron, isMissing, newHome, type Program, spawnProgram, startProgram } from './program.ts'
import { prompt, tabs, unsaved, writeDocument } from './workflows.ts'

/** Performs an action of the native menu, as a click does. */
const chooseInMenu = ({ app }: Program, menu: string, item: RegExp) =>
  app.evaluate(
    ({ Menu, BrowserWindow }, [menu, item]) => {
      const items = Menu.getApplicationMenu()?.items.find(({ label }) => label === menu)?.submenu?.items
      const chosen = items?.find(({ label }) => new RegExp(item).test(label))
      if (!chosen?.enabled) throw new Error(`${item} cannot be chosen in ${items?.map(({ label }) => label)}.`)
      chosen.click(undefined, BrowserWindow.getAllWindows()[0])
    },
    [menu, item.source] as const,
  )

describe.skipIf(isMissing)(`documents of the window (${electron})`, () => {
  const home = newHome()
  let program: Program
  const named = (title: string) => tabs(program.page).filter({ hasText: title })
  const shows = (text: string) => expect.poll(() => prompt(program.page).inputValue(), patience).toBe(text)

  beforeAll(async () => {
    const first = await writeDocument(join(home, 'Given.loom.json'), 'a document that the start was given')
    program = await startProgram({ home, args: [first] })
  })
  afterAll(() => program?.close())

  it('one that the start was given is opened, and no template', async () => {
    await shows('a document that the start was given')
    expect(await tabs(program.page).allInnerTexts()).toEqual([expect.stringContaining('Given')])
  })

  it('are opened by the system’s dialog, or not', async () => {
    const path = await writeDocument(join(home, 'Opened.loom.json'), 'an opened document')
    await chooseInMenu(program, 'File', /^Open/)
    expect(await program.dialog('showOpenDialog')).toMatchObject({ properties: ['openFile'] })
    await program.answer('showOpenDialog', { canceled: true, filePaths: [] })
    await chooseInMenu(program, 'File', /^Open/)
    await program.answer('showOpenDialog', { canceled: false, filePaths: [path] })
    await named('Opened').waitFor()
    await shows('an opened document')
  })

  it('are saved where the system’s dialog says, and opened again', async () => {
    await type(prompt(program.page), 'two foxes')
    await chooseInMenu(program, 'File', /^Save as/)
    expect(await program.dialog('showSaveDialog')).toMatchObject({
      defaultPath: expect.stringMatching(/\.loom\.json$/),
    })
    const path = join(home, 'New Folder', 'Saved.loom.json')
    await mkdir(join(home, 'New Folder'))
    // some systems add no ending
    await program.answer('showSaveDialog', { canceled: false, filePath: join(home, 'New Folder', 'Saved') })
    await named('Saved').waitFor()
    await expect.poll(() => unsaved(program.page).count(), patience).toBe(0)
    expect(await readFile(path, 'utf8')).toContain('two foxes')
    await chooseInMenu(program, 'File', /^Save as/)
    await program.answer('showSaveDialog', { canceled: false, filePath: join(home, 'New Folder', 'Saved') })
    expect(await program.dialog('showMessageBox')).toMatchObject({
      message: 'Saved.loom.json exists already. Replace it?',
    })
    await program.answer('showMessageBox', { response: 1 })
    await chooseInMenu(program, 'File', /^Close/)
    await expect.poll(() => named('Saved').count(), patience).toBe(0)
    await program.answer('showOpenDialog', { canceled: false, filePaths: [path] })
    await chooseInMenu(program, 'File', /^Open/)
    await shows('two foxes')
  })

  it('that cannot be read are told by name', async () => {
    await program.answer('showOpenDialog', { canceled: false, filePaths: [join(home, 'Missing.loom.json')] })
    await chooseInMenu(program, 'File', /^Open/)
    expect(await program.dialog('showErrorBox')).toMatchObject({
      content: expect.stringContaining('Missing.loom.json'),
    })
  })

  it('a second start brings the window to the front with its document, also one of a relative name', async () => {
    await program.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize())
    await writeDocument(join(home, 'Second.loom.json'), 'of a second start')
    const second = spawnProgram({ home, args: ['Second.loom.json'], folder: home })
    expect(await second.ended).toBe(0)
    await named('Second').waitFor()
    await shows('of a second start')
    const states = await program.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((each) => each.isMinimized()),
    )
    expect(states).toEqual([false])
  })

  it('one that macOS hands over is opened', async () => {
    const path = await writeDocument(join(home, 'Clicked.loom.json'), 'of a double click')
    await program.app.evaluate(({ app }, path) => app.emit('open-file', { preventDefault() {} }, path), path)
    await shows('of a double click')
  })

  it('a dropped one is opened, and what is dropped beside the canvas leads nowhere', async () => {
    const { page } = program
    const address = page.url()
    const path = await writeDocument(join(home, 'Dropped.loom.json'), 'of a drop')
    const devtools = await page.context().newCDPSession(page)
    const drop = async (x: number, y: number) => {
      const data = { items: [], files: [path], dragOperationsMask: 1 }
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
        await devtools.send('Input.dispatchDragEvent', { type, x, y, data })
    }
    await drop(700, 500)
    await shows('of a drop')
    await drop(700, 5)
    await page.getByRole('application', { name: 'Canvas of nodes' }).waitFor()
    expect(page.url()).toBe(address)
  })

  it('all that without a complaint in the console', () => expect(program.complaints()).toEqual([]))
})
