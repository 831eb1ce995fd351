import type { Locator, Page } from 'playwright-core'

/** What a person does on the canvas. */

export const canvas = (page: Page): Locator => page.getByRole('application', { name: 'Canvas of nodes' })

/** A node by its title, quickly: most of what is done begins here. Its own box is empty: what is to be seen of it is inside. */
export const node = (page: Page, title: string): Locator =>
  page.locator(`.react-flow__node[role=group][aria-label=${JSON.stringify(title)}]`)

/** What a node is taken by: selected, dragged, and looked for. */
export const header = (page: Page, title: string): Locator => node(page, title).locator('header')

export const output = (page: Page, title: string, port: string): Locator =>
  page.getByRole('button', { name: `Output ${port} of ${title}`, exact: true })

export const input = (page: Page, title: string, port: string): Locator =>
  page.getByRole('button', { name: `Input ${port} of ${title}`, exact: true })

/** The control of a field on a node. */
export const field = (page: Page, title: string, label: string): Locator =>
  node(page, title).getByLabel(label, { exact: true }).and(page.locator('input, textarea, select, button'))

export interface Point {
  readonly x: number
  readonly y: number
}

/** A point of the page, from the upper left corner of the canvas. */
export async function onCanvas(page: Page, x: number, y: number): Promise<Point> {
  const box = await canvas(page).boundingBox()
  return { x: (box?.x ?? 0) + x, y: (box?.y ?? 0) + y }
}

async function centre(locator: Locator): Promise<Point> {
  const box = await locator.boundingBox()
  if (!box) throw new Error(`${locator} is not to be seen.`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** Drags with the mouse from one place to another, as a hand does: not in one leap. */
export async function drag(page: Page, from: Locator | Point, to: Locator | Point): Promise<void> {
  const start = 'x' in from ? from : await centre(from)
  const end = 'x' in to ? to : await centre(to)
  await page.mouse.move(start.x, start.y)
  await page.mouse.down()
  await page.mouse.move(start.x + 6, start.y + 6)
  await page.mouse.move(end.x, end.y, { steps: 5 })
  await page.mouse.up()
}

/** Chooses a node in the search, which is open, by mouse. */
export async function pick(page: Page, title: string): Promise<void> {
  const search = page.getByRole('dialog', { name: 'Add a node' })
  await search.getByRole('combobox').fill(title)
  await search
    .getByRole('option')
    .filter({ has: page.getByText(title, { exact: true }) })
    .first()
    .click()
  await search.waitFor({ state: 'hidden' })
}

/** Replaces what a field of a line or a prompt holds by typing. */
export async function type(field: Locator, text: string): Promise<void> {
  await field.click()
  await field.press('Control+a')
  await field.pressSequentially(text)
  await field.blur()
}

/** Gives a field a value as a person does: typed, or chosen by its title. */
export async function set(page: Page, field: Locator, value: string): Promise<void> {
  const element = await field.evaluate(({ tagName }) => tagName)
  if (element === 'SELECT') await field.selectOption({ label: value })
  else if (element !== 'BUTTON') await type(field, value)
  else {
    await field.click()
    await page.getByRole('combobox', { name: 'Search:' }).fill(value)
    await page.getByRole('option', { name: value }).first().click()
  }
}
