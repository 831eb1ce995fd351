import { describe, expect, it } from 'vitest'
import { isAlive } from '#engine/files/is-alive.ts'
import { node } from '../browser/canvas.ts'
import { patience, patienceForRuns, pictureIn, runButton } from '../browser/controls.ts'
import { descendantsOf, partsOf } from './processes.ts'
import { electron, isMissing, startProgram } from './program.ts'

describe.skipIf(isMissing)(`the window (${electron})`, () => {
  it('opens with a template, draws its picture, and ends with all its processes', async () => {
    const program = await startProgram()
    await runButton(program.page).click()
    await pictureIn(node(program.page, 'Save Image')).waitFor(patienceForRuns)
    const { pid = 0 } = program.child
    const all = descendantsOf(pid)
    expect(partsOf(pid)).toEqual({ server: expect.any(Number), engine: expect.any(Number) })
    await program.close()
    expect(await program.ended).toBe(0)
    await expect.poll(() => all.filter(({ pid }) => isAlive(pid)), patience).toEqual([])
  })
})
