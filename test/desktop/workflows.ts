import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { programFolder } from '#main/program.ts'
import { field } from '../browser/canvas.ts'

/** What the template of a first start draws. */
const firstPrompt = 'a fox on a blue background'

const template = join(programFolder, 'resources', 'templates', 'lcm-lora.loom.json')

/** Writes the template as a document named as its file, with another prompt, and gives its path. */
export async function writeDocument(path: string, prompt: string, change: object = {}): Promise<string> {
  const text = (await readFile(template, 'utf8')).replace(firstPrompt, prompt)
  await writeFile(path, JSON.stringify({ ...JSON.parse(text), name: basename(path, '.loom.json'), ...change }))
  return path
}

export const prompt = (page: Page): Locator => field(page, 'Prompt', 'Text')

export const tabs = (page: Page): Locator =>
  page.getByRole('navigation', { name: 'Open documents' }).getByRole('listitem')

export const unsaved = (page: Page): Locator => tabs(page).getByRole('img', { name: 'unsaved' })
