import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isAlive } from '#engine/files/is-alive.ts'
import { programFolder } from '#main/program.ts'
import { patience } from '../browser/controls.ts'
import { descendantsOf } from './processes.ts'
import { electron, isMissing, newHome, spawnProgram } from './program.ts'

const template = join(programFolder, 'resources', 'templates', 'lcm-lora.loom.json')

describe.skipIf(isMissing)(`without a window (${electron})`, () => {
  it('draws a picture and ends with 0', async () => {
    const home = newHome()
    const pictures = join(home, 'mine')
    const args = ['--headless', '--run', template, '--set', 'steps=1', '--out', pictures]
    const { ended, output, asked } = spawnProgram({ home, args })
    expect(await ended, output.stderr).toBe(0)
    expect(await readdir(pictures)).toEqual(['lcm-lora-00001.png'])
    expect(output.stdout).toBe(`${join(pictures, 'lcm-lora-00001.png')}\n`)
    expect(asked()).toEqual([])
  })

  it('ends with the exit code of the command line, and says the same', async () => {
    const { ended, output } = spawnProgram({ args: ['--headless', '--run', 'missing.loom.json'] })
    expect(await ended).toBe(2)
    expect(output.stderr).toContain('error: Cannot read missing.loom.json: it or its folder does not exist.')
  })

  it.skipIf(process.platform === 'win32')('ends the run with itself', async () => {
    const pictures = join(newHome(), 'mine')
    const args = ['--headless', '--run', template, '--out', pictures]
    const { child, ended, output } = spawnProgram({ args })
    await expect.poll(() => output.stderr, patience).toContain('Loading')
    const all = descendantsOf(child.pid ?? 0)
    child.kill('SIGTERM')
    expect(await ended).toBe(130)
    await expect.poll(() => all.filter(({ pid }) => isAlive(pid)), patience).toEqual([])
    expect(existsSync(pictures) ? await readdir(pictures) : []).toEqual([])
  })
})
