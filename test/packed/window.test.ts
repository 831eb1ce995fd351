import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { isAlive } from '#engine/files/is-alive.ts'
import { programFolder } from '#main/program.ts'
import { node } from '../browser/canvas.ts'
import { patience, patienceForRuns, pictureIn, runButton } from '../browser/controls.ts'
import { descendantsOf } from '../desktop/processes.ts'
import { newHome, spawnProgram } from '../desktop/program.ts'
import { type Attached, attach } from './attach.ts'

const running: Attached[] = []
afterEach(() => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL')
})

async function start(home: string): Promise<Attached> {
  const program = await attach({ home })
  running.push(program)
  return program
}

it('draws its first picture, and opens what a second start brings', async () => {
  const home = newHome()
  const program = await start(home)
  await runButton(program.page).click()
  await pictureIn(node(program.page, 'Save Image')).waitFor(patienceForRuns)

  const file = join(home, 'from outside.loom.json')
  cpSync(join(programFolder, 'resources', 'templates', 'cut-out.loom.json'), file)
  const second = spawnProgram({ home, args: [file] })
  expect(await second.ended).toBe(0)
  await program.page.getByRole('button', { name: 'Close Cut out a subject' }).waitFor()

  const all = descendantsOf(program.child.pid ?? 0)
  expect(all.map(({ command }) => command).join('\n')).toContain('engine-process.js')
  program.child.kill('SIGTERM')
  await program.ended
  await expect.poll(() => all.filter(({ pid }) => isAlive(pid)), patience).toEqual([])
})
