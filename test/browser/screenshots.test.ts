import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { programFolder } from '#main/program.ts'
import { drag, field, header, input, node, onCanvas, output, type } from './canvas.ts'
import { idle, patience, pictureIn, runAndWait } from './controls.ts'
import { stories } from './stories.ts'

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

// what guides show is drawn by the model of the program
const told = stories(isWriting ? {} : undefined)

test('the main views look as they should, small and large, dark and light', async () => {
  if (isWriting) await mkdir(folder, { recursive: true })
  // which step the last preview shows depends on how fast the machine is
  const page = await told.open({ settings: { previews: false } })
  await drawPictures(page)
  await shoot(page, 'canvas')

  await page.getByRole('button', { name: 'Templates', exact: true }).click()
  await page.getByRole('tab', { name: 'Form' }).click()
  await shoot(page, 'form', { beside: true })
  await page.getByRole('button', { name: 'Close Templates' }).click()

  await drag(page, output(page, 'Sampler', 'Latent'), input(page, 'Save Image', 'Image'))
  await page.getByRole('tab', { name: 'Node' }).click()
  await header(page, 'Save Image').click()
  await shoot(page, 'wrong-link')
  await page.keyboard.press('Control+z')

  const openSearch = async () => {
    const { x, y } = await onCanvas(page, 250, 60)
    await page.mouse.move(x, y)
    await page.keyboard.press('Shift+A')
    await page.getByRole('dialog', { name: 'Add a node' }).getByRole('combobox').fill('lora')
  }
  await shoot(page, 'node-search', { open: openSearch })

  const openPalette = async () => {
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('What do you want to do?').waitFor()
  }
  await shoot(page, 'command-palette', { open: openPalette })

  await page.getByRole('button', { name: 'Hide the side panel' }).click()
  await page.getByRole('button', { name: 'Gallery', exact: true }).click()
  const marks = page.getByRole('checkbox', { name: /^Mark .* for comparison$/ })
  await marks.nth(0).check()
  await marks.nth(1).check()
  await shoot(page, 'gallery')
  await page.getByRole('button', { name: 'Compare' }).click()
  await shoot(page, 'compare')
})

/** Opens the template and fills the gallery. */
async function drawPictures(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Templates', exact: true }).click()
  await page.getByRole('button', { name: /Style and LCM-LoRA/ }).click()
  await page.getByRole('button', { name: 'Close Templates' }).click()
  await page.getByRole('button', { name: /Close LCM-LoRA, four/ }).click()
  // large enough for the nodes to show their fields
  await page.setViewportSize({ width: 2560, height: 1440 })
  await showAll(page)
  await field(page, 'Sampler', 'Seed after each run').selectOption('Keep')
  for (const [prompt, style] of drawn) {
    await type(field(page, 'Prompt', 'Text'), prompt)
    await type(field(page, 'Style LoRA', 'Model strength'), style)
    await runAndWait(page)
  }
  await pictureIn(node(page, 'Save Image')).waitFor()
  await idle(page)
  // nothing stays selected
  const corner = await onCanvas(page, 40, 1200)
  await page.mouse.click(corner.x, corner.y)
}

const showAll = (page: Page) => page.getByRole('button', { name: 'Show everything' }).click()

interface View {
  /** Shows what any click elsewhere closes; Escape closes it again. */
  readonly open?: () => Promise<void>
  /** Panels at both sides leave the canvas narrow: the middle of it is shown, near enough to read. */
  readonly beside?: boolean
}

/** Draws a view in every size and theme. */
async function shoot(page: Page, view: string, { open, beside = false }: View = {}): Promise<void> {
  for (const size of sizes) {
    await page.setViewportSize(size)
    if (view !== 'compare') await showAll(page)
    const zooms = beside && size.width < 2000 ? 2 : 0
    for (let times = 0; times < zooms; times++) await page.getByRole('button', { name: 'Zoom in' }).click()
    await open?.()
    // where nothing answers to the pointer
    await page.mouse.move(size.width / 2, size.height - 8)
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      const name = `editor-${view}-${theme}-${size.width}.webp`
      await page.locator(`html[data-mantine-color-scheme=${theme}]`).waitFor()
      await check(await (isWriting ? settled(page) : jpeg(page)), size, theme, name)
      if (isWriting) await write(await page.screenshot(still), name)
    }
    if (open) await page.keyboard.press('Escape')
  }
}

async function write(png: Buffer, name: string): Promise<void> {
  const picture = await sharp(png).webp({ quality: 80, effort: 6, smartSubsample: true }).toBuffer()
  expect(picture.length, name).toBeLessThan(200_000)
  await writeFile(join(folder, name), picture)
}

const still = { animations: 'disabled', caret: 'hide' } as const

/** The page in the format that is made quickest. */
const jpeg = (page: Page) => page.screenshot({ ...still, type: 'jpeg', quality: 90 })

/** The page when nothing in it changes any more: pictures are there, tooltips are gone. */
async function settled(page: Page): Promise<Buffer> {
  await expect.poll(() => page.getByRole('tooltip').count(), patience).toBe(0)
  // those further down a list are loaded when they come into sight
  await page.waitForFunction(() =>
    Array.from(document.images).every(
      (image) => image.complete || image.getBoundingClientRect().top >= window.innerHeight,
    ),
  )
  let before: Buffer | undefined
  for (let tries = 0; tries < 20; tries++) {
    const now = await jpeg(page)
    if (before?.equals(now)) return now
    before = now
    await page.waitForTimeout(150)
  }
  throw new Error('The page does not come to rest.')
}

/** A picture of the size that was asked for, with something on it, and as bright as its theme. */
async function check(
  jpeg: Buffer,
  size: { width: number; height: number },
  theme: string,
  name: string,
): Promise<void> {
  const { width, height } = await sharp(jpeg).metadata()
  expect({ width, height }, name).toEqual(size)
  const { entropy, channels } = await sharp(jpeg).stats()
  expect(entropy, name).toBeGreaterThan(0.5)
  const brightness = channels.reduce((sum, { mean }) => sum + mean, 0) / channels.length
  expect(brightness > 128, name).toBe(theme === 'light')
}
