import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, openPage, type ServedEditor, serveEditor } from './editor.ts'

let browser: Browser
let editor: ServedEditor

beforeAll(async () => {
  ;[browser, editor] = await Promise.all([launchBrowser(), serveEditor()])
})

afterAll(async () => {
  await browser.close()
  await editor.close()
})

const pixelsOf = async (png: Buffer | string) => sharp(png).removeAlpha().raw().toBuffer()

test('one click draws the first picture, which the command line draws again to the pixel', async () => {
  const { page, complaints } = await openPage(browser, editor.url)
  const node = page.getByRole('group', { name: 'Sampler' })
  await node.waitFor()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('button', { name: /open it large/ }).first().waitFor({ timeout: 60_000 })

  const folder = join(editor.folder, 'pictures')
  const [saved = ''] = (await readdir(folder)).filter((name) => name.endsWith('.png'))
  const drawn = await pixelsOf(join(folder, saved))

  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('menuitem', { name: 'File' }).hover()
  await page.getByRole('menuitem', { name: 'Share…' }).click()
  const shared = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download picture' }).click()
  const png = await readFile(await (await shared).path())
  expect((await pixelsOf(png)).equals(drawn)).toBe(true)

  const file = join(editor.folder, 'shared.png')
  await writeFile(file, png)
  const out = join(editor.folder, 'again')
  await promisify(execFile)(process.execPath, ['bin/latent-loom.mjs', 'run', file, '--out', out])
  const [again = ''] = await readdir(out)
  expect((await pixelsOf(join(out, again))).equals(drawn)).toBe(true)
  expect(complaints).toEqual([])
  await page.context().close()
})
