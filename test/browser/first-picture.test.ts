import { execFile } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { field, node } from './canvas.ts'
import {
  bytesOf,
  choose,
  downloadDocument,
  patience,
  patienceForRuns,
  pictureIn,
  runButton,
  textOf,
} from './controls.ts'
import { stories } from './stories.ts'

/** A server of its own: an engine that has run keeps strengths live that a new one folds, with other last digits. */
const told = stories({})

const pixelsOf = async (png: Buffer | string) => sharp(png).removeAlpha().raw().toBuffer()

test('one click draws the first picture; it is shared as picture, document and link', async () => {
  const page = await told.open()
  await runButton(page).click()
  await pictureIn(node(page, 'Save Image')).waitFor(patienceForRuns)
  const pictures = join(told.editor.folder, 'pictures')
  const [saved = ''] = (await readdir(pictures)).filter((name) => name.endsWith('.png'))
  const drawn = await pixelsOf(join(pictures, saved))

  await choose(page, 'File', 'Share…')
  const dialog = page.getByRole('dialog', { name: 'Share this workflow' })
  const [pictureDownload] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('link', { name: 'Download picture' }).click(),
  ])
  const png = await bytesOf(pictureDownload)
  expect((await pixelsOf(png)).equals(drawn)).toBe(true)

  const [jsonDownload] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Download JSON' }).click(),
  ])
  expect(jsonDownload.suggestedFilename()).toBe('LCM-LoRA, four steps.loom.json')
  const json = await textOf(jsonDownload)

  await dialog.getByRole('button', { name: 'Copy link' }).click()
  await dialog.getByRole('button', { name: 'Copied' }).waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  const other = await page.context().newPage()
  await other.goto(link)
  await expect.poll(() => field(other, 'Prompt', 'Text').inputValue(), patience).toBe('a fox on a blue background')
  expect(await other.getByRole('navigation', { name: 'Open documents' }).getByRole('listitem').count()).toBe(2)
  expect((await downloadDocument(other)).text).toBe(json)

  const file = join(told.editor.folder, 'shared.png')
  await writeFile(file, png)
  const out = join(told.editor.folder, 'again')
  await promisify(execFile)(process.execPath, ['bin/latent-loom.mjs', 'run', file, '--out', out])
  const [again = ''] = await readdir(out)
  expect((await pixelsOf(join(out, again))).equals(drawn)).toBe(true)
})
