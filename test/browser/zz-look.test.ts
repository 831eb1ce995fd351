import { test } from 'vitest'
import { command } from './controls.ts'
import { stories } from './stories.ts'
const told = stories()
test('look', async () => {
  for (const theme of ['light', 'dark'] as const) {
    const page = await told.open({ theme, forgives: /./ })
    await command(page, 'Add note')
    await page.getByLabel('Text of the note, in Markdown').fill('**x**')
    await told.editor.stop()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Gallery' }).click()
    await page.getByRole('region', { name: 'Gallery' }).getByRole('alert').waitFor()
    await page.screenshot({ path: `/tmp/look-${theme}-1.png` })
    await page.keyboard.press('Control+Shift+k')
    await page.getByRole('dialog').waitFor()
    await page.screenshot({ path: `/tmp/look-${theme}-2.png` })
    await told.editor.start()
  }
})
