import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAlive } from '#engine/files/is-alive.ts'
import { node, type } from '../browser/canvas.ts'
import { patience, patienceForRuns, pictureIn, runButton } from '../browser/controls.ts'
import { partsOf } from './processes.ts'
import { electron, isMissing, newHome, type Program, startProgram } from './program.ts'
import { prompt } from './workflows.ts'

describe.skipIf(isMissing || process.platform === 'win32')(`the end of a part of the program (${electron})`, () => {
  const home = newHome()
  let program: Program
  const parts = () => partsOf(program.child.pid ?? 0)
  const connected = () =>
    program.page
      .getByRole('status')
      .filter({ hasText: /^Connected$/ })
      .waitFor()
  const draws = async () => {
    await runButton(program.page).click()
    await pictureIn(node(program.page, 'Save Image')).waitFor(patienceForRuns)
  }

  beforeAll(async () => {
    program = await startProgram({ home })
  })
  afterAll(() => program?.close())

  it('of the engine in the middle of a job: the job is done all the same', async () => {
    await runButton(program.page).click()
    await expect.poll(() => parts().engine, patience).toBeDefined()
    const { engine = 0 } = parts()
    process.kill(engine, 'SIGKILL')
    await pictureIn(node(program.page, 'Save Image')).waitFor(patienceForRuns)
    await expect.poll(() => isAlive(engine), patience).toBe(false)
    expect(program.asked()).toEqual([])
  })

  it('of the server: another one takes its place, and the page goes on with all that is open', async () => {
    await type(prompt(program.page), 'typed before the end of the server')
    const { server = 0, engine = 0 } = parts()
    process.kill(server, 'SIGKILL')
    expect(await program.dialog('showMessageBox')).toMatchObject({
      message: 'The server process ended.',
      buttons: ['Start it again', 'Quit'],
    })
    await program.page.getByText('Connection lost; trying again').waitFor()
    await type(prompt(program.page), 'typed without a server')
    await program.answer('showMessageBox', { response: 0 })
    await connected()
    expect(await prompt(program.page).inputValue()).toBe('typed without a server')
    await draws()
    await expect.poll(() => isAlive(engine), patience).toBe(false)
  })

  it('of the page: it is loaded again with its drafts, three times, and then when a person wants it', async () => {
    const { app } = program
    const crash = () =>
      app.evaluate(
        ({ BrowserWindow }) =>
          new Promise<void>((resolve) => {
            const contents = BrowserWindow.getAllWindows()[0]?.webContents
            contents?.once('render-process-gone', () => resolve())
            contents?.forcefullyCrashRenderer()
          }),
      )
    // Playwright's page does not come back
    const shown = () => program.inPage(`document.querySelector('[aria-label="Prompt"] textarea')?.value`)
    const isBack = () => expect.poll(shown, patience).toBe('typed without a server')
    const asked = () => program.asked().filter(({ about }) => JSON.stringify(about).includes('again and again')).length
    for (let time = 0; time < 3; time++) {
      await crash()
      await isBack()
    }
    expect(asked()).toBe(0)
    await crash()
    await expect.poll(asked, patience).toBe(1)
    await program.answer('showMessageBox', { response: 0 })
    await isBack()
  })
})
