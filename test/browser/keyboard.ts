import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { patience } from './controls.ts'

/** What a person does who has no pointer. */

/** Presses Tab until a control has the focus. */
export async function tabTo(page: Page, control: Locator, key = 'Tab', most = 150): Promise<void> {
  await control.waitFor()
  for (let times = 0; times < most; times++) {
    if (await isFocused(control)) return
    await page.keyboard.press(key)
  }
  throw new Error(`${most} times ${key} do not lead to ${control}.`)
}

const isFocused = (control: Locator): Promise<boolean> =>
  control.evaluate((element) => element === document.activeElement)

/** Adds a node by the search, and brings the focus into it. */
export async function addByKeys(page: Page, title: string, key: string): Promise<void> {
  await page.keyboard.press(key)
  const search = page.getByRole('dialog', { name: 'Add a node' })
  await search.waitFor()
  await page.keyboard.type(title)
  await expect.poll(() => search.getByRole('option', { selected: true }).textContent(), patience).toMatch(title)
  await page.keyboard.press('Enter')
  await search.waitFor({ state: 'hidden' })
  await page.keyboard.press('Enter')
}

/** Links a port, reached by Tab, to the first port that fits and is called so. */
export async function linkByKeys(page: Page, port: Locator, other: string): Promise<void> {
  await tabTo(page, port)
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  const search = dialog.getByRole('textbox', { name: 'Search' })
  await expect.poll(() => isFocused(search), patience).toBe(true)
  await page.keyboard.type(other)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
}
