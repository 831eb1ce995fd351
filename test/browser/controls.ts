import { readFile } from 'node:fs/promises'
import type { Download, Locator, Page } from 'playwright-core'
import type { Workflow } from '#core/workflow/document.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'

/** What a person does outside of the canvas. */

/** Longer than anything but a run takes, even on a machine that has much else to do. */
export const patience = { timeout: 120_000, interval: 100 }

/** Longer than a run takes there. */
export const patienceForRuns = { timeout: 300_000, interval: 100 }

/** Performs an action from the menu at the top. */
export async function choose(page: Page, group: string, item: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: 'Menu', exact: true }).click()
  await page.getByRole('menuitem', { name: group, exact: true }).hover()
  await page.getByRole('menuitem', { name: item }).click()
}

/** Performs an action by its name, from the command palette. */
export async function command(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k')
  const search = page.getByPlaceholder('What do you want to do?')
  await search.fill(name)
  await page.getByRole('button', { name }).first().waitFor()
  await search.press('Enter')
  await search.waitFor({ state: 'hidden' })
}

/** The document of the shown tab, as the page hands it out. */
export async function downloadDocument(page: Page): Promise<{ text: string; workflow: Workflow }> {
  const [download] = await Promise.all([page.waitForEvent('download'), command(page, 'Download JSON')])
  const text = await textOf(download)
  return { text, workflow: parseWorkflow(text) }
}

export const bytesOf = async (download: Download): Promise<Buffer> => readFile(await download.path())

export const textOf = async (download: Download): Promise<string> => (await bytesOf(download)).toString('utf8')

export const runButton = (page: Page): Locator => page.getByRole('button', { name: 'Run', exact: true })

/** The picture that a node shows, large as a button. */
export const pictureIn = (node: Locator): Locator => node.getByRole('button', { name: /^Picture .*open it large$/ })

/** Waits until nothing runs or waits. */
export async function idle(page: Page): Promise<void> {
  await page.getByRole('button', { name: '0 jobs in the queue' }).waitFor(patienceForRuns)
}

/** Presses Run and waits for what comes of it: the lines of the history then, the newest first. */
export async function runAndWait(page: Page): Promise<string[]> {
  const before = (await historyOf(page)).length
  await runButton(page).click()
  const heading = page.locator('[role=tabpanel] h3').filter({ hasText: new RegExp(`^History ${before + 1}$`) })
  await heading.waitFor(patienceForRuns)
  return historyOf(page)
}

/** The lines of the history in the queue panel, the newest first. */
export async function historyOf(page: Page): Promise<string[]> {
  const tab = page.getByRole('tab', { name: 'Queue' })
  if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click()
  const lines = await page.getByRole('tabpanel', { name: 'Queue' }).getByRole('listitem').allInnerTexts()
  const heading = lines.findIndex((line) => line.startsWith('History'))
  return heading < 0 ? [] : lines.slice(heading + 1)
}
