import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { field, header, type } from './canvas.ts'
import { choose, patience } from './controls.ts'
import { stories } from './stories.ts'

const told = stories()
const prompt = (page: Page) => field(page, 'Prompt', 'Text')
const tabs = (page: Page) => page.getByRole('navigation', { name: 'Open documents' }).getByRole('listitem')
const tab = (page: Page, title: string) => tabs(page).filter({ hasText: title })
const unsaved = (page: Page) => tabs(page).getByRole('img', { name: 'unsaved' })

/** Where the documents of the server lie. */
async function pathOf(name: string): Promise<string> {
  const found = await readdir(told.editor.folder, { recursive: true })
  const path = found.find((file) => file.endsWith(`${name}.loom.json`))
  if (path === undefined) throw new Error(`${name} was not saved.`)
  return join(told.editor.folder, path)
}

async function saveAs(page: Page, name: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Save as' })
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'hidden' })
}

test('documents are saved, saved as another, closed, and opened again', async () => {
  const page = await told.open({ forgives: /409/ })
  await type(prompt(page), 'an owl')
  await expect.poll(() => unsaved(page).count(), patience).toBe(1)
  await page.keyboard.press('Control+s')
  await saveAs(page, 'Owls')
  await expect.poll(() => unsaved(page).count(), patience).toBe(0)
  expect(await readFile(await pathOf('Owls'), 'utf8')).toContain('an owl')

  await type(prompt(page), 'two owls')
  await expect.poll(() => unsaved(page).count(), patience).toBe(1)
  await page.keyboard.press('Control+s')
  await expect.poll(() => unsaved(page).count(), patience).toBe(0)
  expect(await readFile(await pathOf('Owls'), 'utf8')).toContain('two owls')

  await choose(page, 'File', 'Save as…')
  const dialog = page.getByRole('dialog', { name: 'Save as' })
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('There is a document of this name already.').waitFor()
  await saveAs(page, 'More owls')
  await tab(page, 'More owls').waitFor()

  await type(prompt(page), 'three owls')
  await tab(page, 'More owls').getByRole('button', { name: 'Close More owls' }).click()
  const asking = page.getByRole('dialog', { name: 'Save changes?' })
  await asking.getByRole('button', { name: 'Keep open' }).click()
  expect(await tabs(page).count()).toBe(1)
  await tab(page, 'More owls').getByRole('button', { name: 'Close More owls' }).click()
  await asking.getByRole('button', { name: 'Discard' }).click()
  await expect.poll(() => tabs(page).count(), patience).toBe(0)

  await page.keyboard.press('Control+o')
  const opening = page.getByRole('dialog', { name: 'Open' })
  const recent = opening.getByRole('region', { name: 'Recent' }).getByRole('button')
  await expect.poll(() => recent.allInnerTexts(), patience).toHaveLength(2)
  expect((await recent.allInnerTexts())[0]).toContain('More owls')
  await opening.getByRole('textbox').fill('Owls')
  await opening.getByRole('region', { name: 'Documents' }).getByRole('button', { name: /^Owls/ }).click()
  await expect.poll(() => prompt(page).inputValue(), patience).toBe('two owls')
  expect(await unsaved(page).count()).toBe(0)
})

/** Opens a saved document that somebody else changes, and changes and saves it here. */
async function conflict(page: Page, name: string): Promise<{ path: string; theirs: string }> {
  await page.keyboard.press('Control+s')
  await saveAs(page, name)
  const path = await pathOf(name)
  const theirs = (await readFile(path, 'utf8')).replace('a fox on a blue background', 'a fish')
  await writeFile(path, theirs)
  await type(prompt(page), 'an owl')
  await page.keyboard.press('Control+s')
  await page.getByRole('dialog', { name: 'The file was changed' }).waitFor()
  return { path, theirs }
}

const answer = (page: Page, name: string) =>
  page.getByRole('dialog', { name: 'The file was changed' }).getByRole('button', { name }).click()

test('a file that was changed outside is overwritten when that is chosen', async () => {
  const page = await told.open({ forgives: /409/ })
  const { path } = await conflict(page, 'Overwritten')
  await answer(page, 'Overwrite the file')
  await expect.poll(() => unsaved(page).count(), patience).toBe(0)
  expect(await readFile(path, 'utf8')).toContain('an owl')
})

test('or kept, and the document saved as a copy', async () => {
  const page = await told.open({ forgives: /409/ })
  const { path, theirs } = await conflict(page, 'Kept')
  await answer(page, 'Save as a copy…')
  await saveAs(page, 'Copied')
  await expect.poll(() => unsaved(page).count(), patience).toBe(0)
  expect(await readFile(path, 'utf8')).toBe(theirs)
  expect(await readFile(await pathOf('Copied'), 'utf8')).toContain('an owl')
})

test('or loaded, which undo takes back', async () => {
  const page = await told.open({ forgives: /409/ })
  await conflict(page, 'Loaded')
  await answer(page, 'Load the file')
  await expect.poll(() => prompt(page).inputValue(), patience).toBe('a fish')
  expect(await unsaved(page).count()).toBe(0)
  await choose(page, 'Edit', /^Undo/)
  await expect.poll(() => prompt(page).inputValue(), patience).toBe('an owl')
})

test('a new document, a template and tabs: each has its own work', async () => {
  const page = await told.open()
  await page.getByRole('button', { name: 'Templates' }).click()
  await page
    .getByRole('region', { name: 'Templates' })
    .getByRole('button', { name: /Image to image/i })
    .click()
  await header(page, 'Load Image').waitFor()
  await page.getByRole('button', { name: 'New document' }).click()
  expect(await tabs(page).count()).toBe(3)
  await tabs(page).first().getByRole('button').first().click()
  await type(prompt(page), 'an owl')
  await page.keyboard.press('Alt+PageDown')
  await page.keyboard.press('Alt+PageUp')
  await expect.poll(() => prompt(page).inputValue(), patience).toBe('an owl')
})

test('one document in two browsers: both learn of it, and nothing is replaced before a choice', async () => {
  const page = await told.open({ forgives: /409/ })
  const elsewhere = await page.context().browser()?.newContext()
  if (!elsewhere) throw new Error('There is no browser.')
  try {
    const other = await elsewhere.newPage()
    await other.goto(told.editor.url)
    for (const each of [page, other]) await each.getByText('Also open in another window or browser').waitFor(patience)
    await type(prompt(other), 'an owl')
    await page.getByText('was edited in another window or browser').waitFor(patience)
    await type(prompt(page), 'a bear')
    await page.getByText('was edited here and in another window or browser').waitFor(patience)
    await page.getByRole('button', { name: 'Keep this version' }).click()
    await other.getByRole('button', { name: 'Show the other version' }).click(patience)
    await expect.poll(() => prompt(other).inputValue(), patience).toBe('a bear')
    await choose(other, 'Edit', /^Undo/)
    await expect.poll(() => prompt(other).inputValue(), patience).toBe('an owl')
  } finally {
    await elsewhere.close()
  }
})
