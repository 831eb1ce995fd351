import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { canvas, drag, field, header, input, node, onCanvas, output, pick, type } from './canvas.ts'
import { command, downloadDocument, patience } from './controls.ts'
import { stories } from './stories.ts'

const told = stories()

/** More than any story has steps of undo. */
const many = 80

async function press(page: Page, keys: string, times = 1): Promise<void> {
  for (let time = 0; time < times; time++) await page.keyboard.press(keys)
}

/** Selects nodes by their headers. */
async function select(page: Page, ...titles: string[]): Promise<void> {
  for (const [index, title] of titles.entries()) {
    await header(page, title).click(index > 0 ? { modifiers: ['Shift'] } : {})
  }
}

test('a long story of edits is undone to its start and done again to its end', async () => {
  const page = await told.open()
  const start = await downloadDocument(page)
  await type(field(page, 'Prompt', 'Text'), 'an owl in a (birch:1.2)')
  await type(field(page, 'LCM Scheduler', 'Steps'), '6')
  await field(page, 'Sampler', 'Seed after each run').selectOption('Plus one')
  await drag(page, header(page, 'Save Image'), await onCanvas(page, 700, 400))
  await select(page, 'VAE Decode')
  await press(page, 'ArrowDown', 3)
  await drag(page, output(page, 'LCM-LoRA', 'CLIP'), input(page, 'Prompt', 'CLIP'))
  await select(page, 'LCM-LoRA')
  await press(page, 'Control+d')
  await press(page, 'm')
  await select(page, 'Empty Latent')
  await press(page, 'Control+b')
  await press(page, 'Alt+c')
  await select(page, 'Sampler', 'VAE Decode')
  await press(page, 'Control+j')
  await command(page, 'Add note')
  await page.getByLabel('Text of the note, in Markdown').pressSequentially('# To do\nmore owls')
  await press(page, 'Escape')
  await select(page, 'Checkpoint', 'Prompt')
  await press(page, 'Control+g')
  await command(page, 'Arrange automatically')
  await select(page, 'LCM Scheduler')
  await press(page, 'Control+c')
  await press(page, 'Control+v')
  await press(page, 'Delete')
  await press(page, 'Control+a')
  await press(page, 'Control+Delete')

  const end = await downloadDocument(page)
  expect(end.text).not.toBe(start.text)
  await canvas(page).focus()
  await press(page, 'Control+z', many)
  expect((await downloadDocument(page)).text).toBe(start.text)
  await canvas(page).focus()
  await press(page, 'Control+Shift+z', many)
  expect((await downloadDocument(page)).text).toBe(end.text)
})

test('a reload in the middle of typing loses nothing, even if the server ended before', async () => {
  const page = await told.open({ forgives: /Failed to load resource|WebSocket|ERR_CONNECTION/ })
  const prompt = field(page, 'Prompt', 'Text')
  await prompt.click()
  await press(page, 'Control+End')
  await prompt.pressSequentially(', with a hat')
  await page.reload()
  const typed = 'a fox on a blue background, with a hat'
  await expect.poll(() => prompt.inputValue(), patience).toBe(typed)

  await prompt.click()
  await press(page, 'Control+End')
  await prompt.pressSequentially(' and')
  await told.editor.restart()
  await prompt.pressSequentially(' boots')
  await page.goto(told.editor.url)
  await expect.poll(() => prompt.inputValue(), patience).toBe(`${typed} and boots`)
})

test('a part that cannot be loaded says so, and is tried again when the server is back', async () => {
  const page = await told.open({
    isFirstVisit: true,
    forgives: /did not arrive|Failed to load resource|Failed to fetch|Unable to preload|WebSocket|ERR_CONNECTION/,
  })
  await type(field(page, 'Prompt', 'Text'), 'an owl')
  const before = await downloadDocument(page)
  await told.editor.stop()
  const failure = page.getByText('This part could not be loaded. Everything you edited is kept.')

  await press(page, 'Control+Shift+k')
  const stand = page.getByRole('dialog', { name: 'Not loaded' })
  await failure.waitFor()
  await stand.getByRole('button', { name: 'Close' }).click()
  await stand.waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Gallery' }).click()
  await page.getByRole('region', { name: 'Gallery' }).getByRole('alert').waitFor()
  await press(page, 'Control+Shift+k')
  await stand.waitFor()

  await told.editor.start()
  await stand.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByPlaceholder('Find a command').waitFor()
  const sheets = page.locator('link[rel=stylesheet]')
  expect(
    await sheets.evaluateAll((links: HTMLLinkElement[]) => links.every(({ sheet }) => sheet?.cssRules.length)),
  ).toBe(true)
  await press(page, 'Escape')
  await page.getByRole('region', { name: 'Gallery' }).getByRole('button', { name: 'Try again' }).click()
  await expect.poll(() => failure.count(), patience).toBe(0)
  expect((await downloadDocument(page)).text).toBe(before.text)
})

test('undo in a note and in a title is that of the document', async () => {
  const page = await told.open()
  const start = await downloadDocument(page)
  await command(page, 'Add note')
  const note = page.getByLabel('Text of the note, in Markdown')
  await note.pressSequentially('owls')
  await press(page, 'Control+z')
  await expect.poll(() => note.inputValue(), patience).toBe('')
  await press(page, 'Control+Shift+z')
  await expect.poll(() => note.inputValue(), patience).toBe('owls')
  await press(page, 'Control+z', 2)
  await expect.poll(() => note.count(), patience).toBe(0)

  await type(field(page, 'Prompt', 'Text'), 'an owl')
  await header(page, 'Prompt').getByText('Prompt').dblclick()
  const title = page.getByLabel('Title of Prompt')
  await title.pressSequentially('Owls')
  await press(page, 'Control+z')
  await expect.poll(() => title.inputValue(), patience).toBe('Prompt')
  await press(page, 'Control+z')
  await press(page, 'Escape')
  expect((await downloadDocument(page)).text).toBe(start.text)
})

test('a link is given up by Escape, and gone if it is let go in the void', async () => {
  const page = await told.open()
  const start = await downloadDocument(page)
  const search = page.getByRole('dialog', { name: 'Add a node' })
  const drawn = page.locator('.react-flow__connection')
  const outOf = async (port: Locator, given: 'up' | 'away') => {
    const box = await port.boundingBox()
    const away = await onCanvas(page, 480, 560)
    await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2)
    await page.mouse.down()
    await page.mouse.move(away.x, away.y, { steps: 4 })
    await drawn.waitFor({ state: 'attached' })
    if (given === 'up') {
      await page.keyboard.press('Escape')
      await page.mouse.move(away.x + 9, away.y + 9, { steps: 2 })
    }
    await page.mouse.up()
    await drawn.waitFor({ state: 'detached' })
  }
  await header(page, 'Sampler').click()
  for (const port of [output(page, 'Checkpoint', 'VAE'), input(page, 'VAE Decode', 'VAE')]) await outOf(port, 'up')
  // Escape ended the drag alone
  expect(await page.locator('.react-flow__node.selected').count()).toBe(1)
  expect((await downloadDocument(page)).text).toBe(start.text)

  await outOf(input(page, 'VAE Decode', 'VAE'), 'away')
  const { nodes } = start.workflow
  const { vae: _, ...left } = nodes.decode?.inputs ?? {}
  expect((await downloadDocument(page)).workflow.nodes).toEqual({ ...nodes, decode: { ...nodes.decode, inputs: left } })
  expect(await search.count()).toBe(0)
  await outOf(input(page, 'VAE Decode', 'VAE'), 'away')
  await search.waitFor()
})

test('Tab on the canvas opens the search after a click, and leads on after Enter', async () => {
  const page = await told.open()
  const search = page.getByRole('dialog', { name: 'Add a node' })
  const corner = await onCanvas(page, 20, 20)
  const clicks = [
    () => header(page, 'Sampler').click(),
    () => page.mouse.click(corner.x, corner.y),
    () => drag(page, header(page, 'Prompt'), { x: corner.x + 300, y: corner.y + 460 }),
  ]
  for (const click of clicks) {
    await click()
    await press(page, 'Tab')
    await search.waitFor()
    await press(page, 'Escape')
    await search.waitFor({ state: 'hidden' })
  }
  await canvas(page).press('Enter')
  await press(page, 'Tab', 2)
  expect(
    await canvas(page).evaluate((element) => element.contains(document.activeElement?.parentElement ?? null)),
  ).toBe(true)
  expect(await search.count()).toBe(0)
})

test('a typed number becomes a valid one at once, and a wheel zooms where two fingers move', async () => {
  const page = await told.open()
  const typed = async (title: string, label: string, text: string) => {
    await type(field(page, title, label), text)
    return field(page, title, label).inputValue()
  }
  expect(await typed('Sampler', 'Guidance scale', '1,5')).toBe('1.5')
  for (const text of ['much', '1/2', '7,5,']) {
    expect(await typed('Sampler', 'Guidance scale', text)).toBe('1.5')
  }
  expect(await typed('Sampler', 'Seed', '-5')).toBe('0')
  expect(await typed('Empty Latent', 'Width', '٢٠٠')).toBe('200')
  expect(await typed('Empty Latent', 'Height', '130')).toBe('128')
  const { nodes } = (await downloadDocument(page)).workflow
  expect([nodes.sampler?.inputs, nodes.latent?.inputs]).toMatchObject([
    { guidance: 1.5, seed: '0' },
    { width: 200, height: 128 },
  ])
  await page.getByText('No problems').waitFor()

  const view = async () => {
    const box = await header(page, 'Checkpoint').boundingBox()
    return { x: Math.round(box?.x ?? 0), y: Math.round(box?.y ?? 0), width: Math.round(box?.width ?? 0) }
  }
  const start = await view()
  const middle = await onCanvas(page, 480, 560)
  await page.mouse.move(middle.x, middle.y)
  await page.mouse.wheel(10, 30)
  await expect.poll(view, patience).toEqual({ ...start, x: start.x - 10, y: start.y - 30 })
  // what comes after a pause is judged anew
  await page.waitForTimeout(500)
  await page.mouse.wheel(0, 120)
  await expect.poll(async () => (await view()).width, patience).toBeLessThan(start.width)
})

test('nodes are copied, framed, noted, muted and bypassed', async () => {
  const page = await told.open()
  const types = async () => Object.values((await downloadDocument(page)).workflow.nodes).map((made) => made.type)
  const count = async (type: string) => (await types()).filter((other) => other === type).length

  await select(page, 'Prompt', 'LCM Scheduler')
  await press(page, 'Control+c')
  await canvas(page).hover({ position: { x: 600, y: 500 } })
  await press(page, 'Control+v')
  expect([await count('prompt'), await count('lcm-scheduler')]).toEqual([2, 2])
  await press(page, 'Control+d')
  expect([await count('prompt'), await count('lcm-scheduler')]).toEqual([3, 3])
  await press(page, 'Control+z', 2)
  expect(await count('prompt')).toBe(1)

  await select(page, 'Sampler', 'VAE Decode')
  await press(page, 'Control+j')
  await page.getByRole('button', { name: 'Frame', exact: true }).dblclick()
  await page.getByLabel('Title of the frame').fill('Drawing')
  await press(page, 'Enter')
  await command(page, 'Add note')
  await page.getByLabel('Text of the note, in Markdown').fill('**Four** steps')
  await press(page, 'Escape')
  await page.getByRole('strong').filter({ hasText: 'Four' }).waitFor()
  await select(page, 'LCM-LoRA')
  await press(page, 'Control+b')
  await node(page, 'LCM-LoRA').getByText('bypassed').waitFor()
  await press(page, 'm')
  await node(page, 'LCM-LoRA').getByText('muted').waitFor()

  const { workflow } = await downloadDocument(page)
  expect(workflow.frames?.map(({ title }) => title)).toEqual(['Drawing'])
  expect(workflow.notes?.map(({ text }) => text)).toEqual(['**Four** steps'])
  expect(workflow.nodes.lora?.state).toBe('mute')
})

test('the menu of a node is walked by keys, keeps letters to itself and gives the focus back', async () => {
  const page = await told.open()
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')
  const menu = page.getByRole('menu', { name: 'What can be done here' })
  await header(page, 'Sampler').click({ button: 'right' })
  await expect.poll(focused).toMatch(/^Run to/)
  await page.keyboard.press('ArrowDown')
  expect(await focused()).toMatch(/^Cut/)
  await page.keyboard.press('End')
  expect(await focused()).toMatch(/^Delete/)
  await page.keyboard.press('m')
  expect(await focused()).toMatch(/^Mute/)
  await page.keyboard.press('Escape')
  await menu.waitFor({ state: 'hidden' })
  expect(await node(page, 'Sampler').getByText('muted').count()).toBe(0)
  expect(await page.evaluate(() => document.activeElement?.closest('[role="application"]') !== null)).toBe(true)
  await header(page, 'Sampler').click({ button: 'right' })
  await page.keyboard.press('r')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Title of Sampler' }).fill('Four steps')
  await page.keyboard.press('Enter')
  await header(page, 'Four steps').click({ button: 'right' })
  await page.mouse.click(5, 400)
  await menu.waitFor({ state: 'hidden' })
})

test('what a box selects is moved by the arrow keys', async () => {
  const page = await told.open()
  const before = (await downloadDocument(page)).workflow
  await page.keyboard.down('Shift')
  await drag(page, await onCanvas(page, 5, 60), await onCanvas(page, 790, 690))
  await page.keyboard.up('Shift')
  await press(page, 'ArrowDown', 2)
  const { workflow } = await downloadDocument(page)
  const heights = Object.entries(workflow.nodes).map(([id, { at }]) => at[1] - (before.nodes[id]?.at[1] ?? 0))
  expect(heights.filter((height) => height === 16).length).toBeGreaterThan(1)
})

test('a selection becomes a subgraph, which is entered, changed, left and expanded', async () => {
  const page = await told.open()
  await select(page, 'Prompt', 'Sampler')
  await press(page, 'Control+g')
  await header(page, 'Subgraph').waitFor()
  expect(await header(page, 'Sampler').count()).toBe(0)
  await page.getByRole('button', { name: 'Enter Subgraph' }).click()
  await header(page, 'Sampler').waitFor()
  const corner = await onCanvas(page, 40, 500)
  await page.mouse.dblclick(corner.x, corner.y)
  await pick(page, 'Prompt')
  await page.getByRole('navigation', { name: 'Levels of the workflow' }).getByRole('button').first().click()
  await header(page, 'Subgraph').waitFor()

  const { workflow } = await downloadDocument(page)
  const [subgraph] = Object.values(workflow.subgraphs ?? {})
  expect(
    Object.values(subgraph?.nodes ?? {})
      .map((made) => made.type)
      .toSorted(),
  ).toEqual(['prompt', 'prompt', 'sampler'])
  expect(workflow.nodes).not.toHaveProperty('sampler')

  await node(page, 'Subgraph').focus()
  await press(page, 'Escape')
  await press(page, 'Enter')
  await press(page, 'Control+ArrowDown')
  await header(page, 'Sampler').waitFor()
  await press(page, 'Control+ArrowUp')
  await header(page, 'Subgraph').waitFor()
  expect((await downloadDocument(page)).workflow).toEqual(workflow)

  await node(page, 'Subgraph').focus()
  await press(page, 'Space')
  await press(page, 'ArrowDown')
  await press(page, 'Shift+ArrowRight')
  const [x = 0, y = 0] = workflow.nodes.subgraph?.at ?? []
  expect((await downloadDocument(page)).workflow.nodes.subgraph?.at).toEqual([x + 1, y + 8])

  await select(page, 'Subgraph')
  await press(page, 'Control+Alt+g')
  await header(page, 'Sampler').waitFor()
  const expanded = (await downloadDocument(page)).workflow
  expect(Object.values(expanded.nodes).filter((made) => made.type === 'prompt')).toHaveLength(2)
  expect(expanded.nodes).not.toHaveProperty('subgraph')
})
