import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { programFolder } from '#main/program.ts'
import { drag, field, header, input, node, output, type } from './canvas.ts'
import { idle, pictureIn, runAndWait } from './controls.ts'
import { launchBrowser, openPage, type ServedEditor, serveEditor } from './editor.ts'

/**
 * The pictures of README and guides. Every run draws and checks them; only with UPDATE_PICTURES=1 in the environment are they written
 * into `docs/pictures`, so that testing changes no files.
 */
const folder = join(programFolder, 'docs/pictures')
const isWriting = process.env.UPDATE_PICTURES === '1'

const sizes = [
  { width: 1280, height: 800 },
  { width: 2560, height: 1440 },
]
const themes = ['dark', 'light'] as const

/** What the gallery shows: prompts, and how strong the style is. */
const drawn: readonly (readonly [prompt: string, style: string])[] = [
  ['an owl on a green background', '0'],
  ['a panda on a pink background', '0'],
  ['a tiger on a white background', '0.8'],
  ['a rabbit on a green background', '0.8'],
  ['a fox on a blue background', '0'],
  ['a fox on a blue background', '0.8'],
]

let browser: Browser
let editor: ServedEditor

beforeAll(async () => {
  ;[browser, editor] = await Promise.all([launchBrowser(), serveEditor()])
  if (isWriting) await mkdir(folder, { recursive: true })
})

afterAll(async () => {
  await browser.close()
  await editor.close()
})

test('the main views look as they should, small and large, dark and light', { timeout: 300_000 }, async () => {
  const { page, complaints } = await openPage(browser, editor.url, { reducedMotion: 'reduce' })
  await drawPictures(page)
  await shoot(page, 'canvas')

  await page.getByRole('button', { name: 'Templates', exact: true }).click()
  await page.getByRole('tab', { name: 'Form' }).click()
  await shoot(page, 'form')
  await page.getByRole('button', { name: 'Close Templates' }).click()

  await drag(page, output(page, 'Sampler', 'Latent'), input(page, 'Save Image', 'Image'))
  await page.getByRole('tab', { name: 'Node' }).click()
  await header(page, 'Save Image').click()
  await shoot(page, 'wrong-link')
  await page.keyboard.press('Control+z')

  await shoot(page, 'node-search', async () => {
    await page.keyboard.press('Tab')
    await page.getByRole('dialog', { name: 'Add a node' }).getByRole('combobox').fill('lora')
  })

  await shoot(page, 'command-palette', async () => {
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('What do you want to do?').waitFor()
  })

  await page.getByRole('button', { name: 'Gallery', exact: true }).click()
  const marks = page.getByRole('checkbox', { name: /^Mark .* for comparison$/ })
  await marks.nth(0).check()
  await marks.nth(1).check()
  await shoot(page, 'gallery')
  await page.getByRole('button', { name: 'Compare' }).click()
  await shoot(page, 'compare')

  expect(complaints).toEqual([])
  await page.context().close()
})

/** Opens the template and fills the gallery. */
async function drawPictures(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Templates', exact: true }).click()
  await page.getByRole('button', { name: /Style and LCM-LoRA/ }).click()
  await page.getByRole('button', { name: 'Close Templates' }).click()
  await page.getByRole('button', { name: /Close LCM-LoRA, four/ }).click()
  // large enough for the nodes to show their fields
  await page.setViewportSize({ width: 2560, height: 1440 })
  await fit(page)
  await field(page, 'Sampler', 'Seed after each run').selectOption('Keep')
  for (const [prompt, style] of drawn) {
    await type(field(page, 'Prompt', 'Text'), prompt)
    await type(field(page, 'Style LoRA', 'Model strength'), style)
    await runAndWait(page)
  }
  await pictureIn(node(page, 'Save Image')).waitFor()
  await idle(page)
}

const fit = (page: Page) => page.getByRole('button', { name: 'Show everything' }).click()

/** Draws a view in every size and theme. @param open shows what any click elsewhere closes; Escape closes it again */
async function shoot(page: Page, view: string, open?: () => Promise<void>): Promise<void> {
  for (const size of sizes) {
    await page.setViewportSize(size)
    await page.waitForTimeout(800); await page.screenshot({path:'/tmp/shots/dbg.png'});
    if (view !== 'compare') await fit(page)
    await open?.()
    await page.mouse.move(size.width / 2, size.height - 8)
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      await settled(page)
      const png = await page.screenshot({ animations: 'disabled', caret: 'hide' })
      await check(png, size, `${view}, ${theme}`)
      const picture = await sharp(png).webp({ quality: 80, effort: 6 }).toBuffer()
      await writeFile(`/tmp/shots/${view}-${theme}-${size.width}.png`, png)
      if (isWriting) await writeFile(join(folder, `editor-${view}-${theme}-${size.width}.webp`), picture)
    }
    if (open) await page.keyboard.press('Escape')
  }
}
async function settled(page: Page): Promise<void> {
  await page.waitForTimeout(600)
}
async function check(png: Buffer, size: { width: number; height: number }, view: string): Promise<void> {
}
