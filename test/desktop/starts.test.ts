import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from 'vitest'
import { isAlive } from '#engine/files/is-alive.ts'
import { type } from '../browser/canvas.ts'
import { patience, runButton } from '../browser/controls.ts'
import { descendantsOf, partsOf, processesIn } from './processes.ts'
import {
  electron,
  environmentOf,
  isMissing,
  newHome,
  type Program,
  programPlace,
  spawnProgram,
  startProgram,
} from './program.ts'
import { prompt, unsaved, writeDocument } from './workflows.ts'

/** Each takes 4 s of a processor: more of them on request. */
const starts = Number(process.env.STARTS ?? 6)

const dataOf = (home: string) => join(home, 'data', 'latent-loom')

/** The texts of all drafts. */
async function draftsOf(home: string): Promise<string> {
  const folder = join(dataOf(home), 'drafts')
  const names = await readdir(folder).catch(() => [])
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')))).join('\n')
}

const hasDraft = (home: string, text: string) => expect.poll(() => draftsOf(home), patience).toContain(text)

/** All that is left of programs of this home. */
const left = (home: string) => processesIn(programPlace(), home).map(({ command }) => command.slice(0, 200))

describe.skipIf(isMissing || process.platform === 'win32')(`starts and ends of the window (${electron})`, () => {
  let started: ChildProcess[] = []
  const begin = (...given: Parameters<typeof spawnProgram>) => {
    const program = spawnProgram(...given)
    started.push(program.child)
    return program
  }
  afterEach(() => {
    for (const child of started) child.kill('SIGKILL')
    started = []
  })

  const home = newHome()
  let program: Program

  it('with unsaved work it asks, and goes on or ends; the next start has the draft', async () => {
    program = await startProgram({ home })
    const { app, page, child } = program
    await type(prompt(page), 'not saved')
    await expect.poll(() => unsaved(page).count(), patience).toBe(1)
    // asked again and again until the window has learned of it, which it does a moment later
    await expect
      .poll(async () => {
        await program.inPage('desktop.setUnsaved(true)')
        await app.evaluate(({ app }) => app.quit())
        return program.asked().length
      }, patience)
      .toBe(1)
    expect(await program.dialog('showMessageBox')).toMatchObject({ buttons: ['Close', 'Cancel'] })
    await program.answer('showMessageBox', { response: 1 })
    await type(prompt(page), 'not saved after Cancel')
    await hasDraft(home, 'not saved after Cancel')
    expect(partsOf(child.pid ?? 0).server).toBeDefined()
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await program.dialog('showMessageBox', 2)
    await program.answer('showMessageBox', { response: 0 })
    expect(await program.ended).toBe(0)
    await expect.poll(() => left(home), patience).toEqual([])
    program = await startProgram({ home })
    expect(await prompt(program.page).inputValue()).toBe('not saved after Cancel')
  })

  it('a killed window takes server and engine with it, and the next start waits for them and has the draft', async () => {
    const { page, child, ended } = program
    await type(prompt(page), 'typed before the kill')
    await hasDraft(home, 'typed before the kill')
    await runButton(page).click()
    const parts = () => partsOf(child.pid ?? 0)
    await expect.poll(parts, patience).toMatchObject({ server: expect.any(Number), engine: expect.any(Number) })
    const all = descendantsOf(child.pid ?? 0)
    child.kill('SIGKILL')
    await ended
    program = await startProgram({ home })
    await expect.poll(() => all.filter(({ pid }) => isAlive(pid)), patience).toEqual([])
    expect(program.asked()).toEqual([])
    expect(await prompt(program.page).inputValue()).toBe('typed before the kill')
  })

  it('started again while it ends, it comes back with the document', async () => {
    const { server = 0 } = partsOf(program.child.pid ?? 0)
    // so that the end takes its time
    process.kill(server, 'SIGSTOP')
    await program.answer('showMessageBox', { response: 0 })
    await program.app.evaluate(({ app }) => app.quit())
    await expect.poll(() => program.page.isClosed(), patience).toBe(true)
    const path = await writeDocument(join(home, 'Again.loom.json'), 'opened while it ended.')
    expect(await begin({ home, args: [path] }).ended).toBe(0)
    process.kill(server, 'SIGCONT')
    await program.ended
    await hasDraft(home, 'opened while it ended.')
    // a signal asks nothing, though there is unsaved work
    for (const { pid, command } of processesIn(programPlace()))
      if (!command.includes('--type=') && command.includes('--user-data-dir')) process.kill(pid, 'SIGTERM')
    await expect.poll(() => left(home), patience).toEqual([])
  })

  it('again and again, ended or killed: nothing is lost, and nothing is left', async () => {
    const home = newHome()
    for (let time = 0; time < starts; time++) {
      const path = await writeDocument(join(home, `Number ${time}.loom.json`), `document number ${time}.`)
      const { child, ended, asked } = begin({ home, args: [path] })
      await hasDraft(home, `document number ${time}.`)
      // what a killed one leaves is gone after the next one
      const kills = time % 3 === 1 && time < starts - 1
      child.kill(kills ? 'SIGKILL' : 'SIGTERM')
      expect(await ended).toBe(kills ? 'SIGKILL' : 0)
      expect(asked()).toEqual([])
    }
    await expect.poll(() => left(home), patience).toEqual([])
    const drafts = await draftsOf(home)
    for (let time = 0; time < starts; time++) expect(drafts).toContain(`document number ${time}.`)
    const leftovers = (await readdir(home, { recursive: true })).filter((name) => /Singleton|\.new$|\.tmp$/.test(name))
    expect(leftovers).toEqual([])
  })

  it('twice at the same moment: one window has the documents of both', async () => {
    const home = newHome()
    const programs = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const path = await writeDocument(join(home, `${name}.loom.json`), `document ${name}.`)
        return begin({ home, args: [path] })
      }),
    )
    await hasDraft(home, 'document one.')
    await hasDraft(home, 'document two.')
    expect(await Promise.race(programs.map(({ ended }) => ended))).toBe(0)
    for (const { child } of programs) child.kill('SIGTERM')
    expect(await Promise.all(programs.map(({ ended }) => ended))).toEqual([0, 0])
    expect(programs.flatMap(({ asked }) => asked())).toEqual([])
  })

  it('while a browser has the server: it offers that one, and ends', async () => {
    const home = newHome()
    const node = join('node_modules', 'node', 'bin', 'node')
    const server = spawn(node, [join('bin', 'latent-loom.mjs'), 'serve', '--port', '0'], { env: environmentOf(home) })
    started.push(server)
    const [address] = await once(createInterface({ input: server.stdout }), 'line')
    const answers = { showMessageBox: [{ response: 0 }] }
    const program = begin({ home, answers })
    expect(await program.ended).toBe(1)
    const [question, opened] = program.asked()
    expect(question?.about).toMatchObject({ message: 'Latent Loom is running already, in a browser.' })
    expect(String(opened?.about)).toContain(new URL(String(address)).origin)
  })

  it('without a server it says why, and ends with 1', async () => {
    const home = newHome()
    await mkdir(join(home, 'data'))
    await writeFile(dataOf(home), 'a file where the data folder belongs')
    const program = begin({ home })
    expect(await program.ended).toBe(1)
    expect(program.asked()).toEqual([
      {
        asked: 'showErrorBox',
        about: {
          title: 'Latent Loom',
          content: expect.stringMatching(/^The server did not start\.\n\nerror: .*latent-loom/),
        },
      },
    ])
  })
})
