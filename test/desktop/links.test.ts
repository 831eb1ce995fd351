import { describe, expect, it } from 'vitest'
import { patience } from '../browser/controls.ts'
import { electron, isMissing, type Program, spawnProgram, startProgram } from './program.ts'

const link = 'latentloom://import?url=https://workflows.test/a.loom.json'
const tabs = ({ page }: Program) => page.getByRole('navigation', { name: 'Open documents' }).getByRole('listitem')

describe.skipIf(isMissing)(`links to the program (${electron})`, () => {
  it('import after asking, and do nothing else', async () => {
    const program = await startProgram({ args: [link] })
    expect(await program.dialog('showMessageBox')).toMatchObject({
      message: 'Download a workflow from workflows.test?',
      detail: expect.stringContaining('https://workflows.test/a.loom.json'),
      defaultId: 1,
    })
    const before = await tabs(program).count()
    await program.answer('showMessageBox', { response: 0 })
    await tabs(program).filter({ hasText: 'Linked' }).waitFor()

    const second = spawnProgram({ home: program.home, args: [link] })
    await program.dialog('showMessageBox', 2)
    await program.answer('showMessageBox', { response: 1 })
    expect(await second.ended).toBe(0)

    await program.app.evaluate(({ app }) => {
      app.emit('open-url', { preventDefault() {} }, 'latentloom://run?file=/etc/passwd')
    })
    expect(await program.dialog('showMessageBox', 3)).toMatchObject({
      type: 'error',
      message: 'The link was not followed.',
      detail: expect.stringContaining('only import'),
    })
    await program.answer('showMessageBox', { response: 0 })
    await expect.poll(() => tabs(program).count(), patience).toBe(before + 1)
    await program.close()
  })
})
