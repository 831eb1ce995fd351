import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { type Job, serverMessage } from '#core/protocol/jobs.ts'
import { field, header, node, type } from './canvas.ts'
import { choose, historyOf, idle, patience, patienceForRuns, pictureIn, runAndWait, runButton } from './controls.ts'
import { stories } from './stories.ts'

// with the models of the program: with tiny ones no run would last
const told = stories({})

/** A run that goes on long enough to do something meanwhile. */
async function runLong(page: Page): Promise<void> {
  await type(field(page, 'LCM Scheduler', 'Steps'), '50')
  for (const side of ['Width', 'Height']) await type(field(page, 'Empty Latent', side), '256')
  await runButton(page).click()
  await node(page, 'Sampler')
    .getByText(/^\d+\/50$/)
    .waitFor(patienceForRuns)
}

const keepSeed = (page: Page) => field(page, 'Sampler', 'Seed after each run').selectOption('Keep')

const marked = (page: Page, title: string, state: string) => node(page, title).getByRole('img', { name: state })

test('what waits is cancelled at once, what runs is interrupted, and the next one draws', async () => {
  const page = await told.open()
  await runLong(page)
  for (let times = 0; times < 2; times++) await runButton(page).click()
  const queue = page.getByRole('tabpanel', { name: 'Queue' })
  const waiting = queue.getByRole('group')
  await expect.poll(() => waiting.allInnerTexts(), patience).toHaveLength(2)
  for (const row of await waiting.allInnerTexts()) expect(row).toMatch(/a fox on a blue background\s+seed \d+/)
  await queue.getByRole('button', { name: 'Cancel all' }).click()
  await expect.poll(() => waiting.count(), patience).toBe(0)
  expect(await page.getByRole('button', { name: 'Interrupt' }).isEnabled()).toBe(true)
  await page.getByRole('button', { name: 'Interrupt' }).click()
  await idle(page)
  const [line = ''] = await historyOf(page)
  expect(line).toContain('Cancelled')
  expect(await pictureIn(node(page, 'Save Image')).count()).toBe(0)

  await type(field(page, 'LCM Scheduler', 'Steps'), '2')
  await runAndWait(page)
  await pictureIn(node(page, 'Save Image')).waitFor()
})

test('the field shows the seed of the picture and the next one, and a run is no step of undo', async () => {
  const page = await told.open()
  const seed = field(page, 'Sampler', 'Seed')
  const next = node(page, 'Sampler').getByLabel('Seed of the next run', { exact: true })
  await runAndWait(page)
  await expect.poll(() => next.textContent(), patience).toMatch(/^→ \d+$/)
  expect(await seed.inputValue()).toBe('42')
  const second = (await next.textContent())?.slice(2) ?? ''
  await runAndWait(page)
  await expect.poll(() => seed.inputValue(), patience).toBe(second)
  await pictureIn(node(page, 'Save Image')).click()
  await page.getByRole('dialog').getByText(second, { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await keepSeed(page)
  expect(await next.count()).toBe(0)
  await choose(page, 'Edit', /^Undo Change what becomes of/)
  await page.getByRole('button', { name: 'Menu', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Edit' }).hover()
  expect(await page.getByRole('menuitem', { name: /^Undo/ }).isDisabled()).toBe(true)
  await page.keyboard.press('Escape')
  expect(await seed.inputValue()).toBe(second)
})

test('a deleted picture leaves the node and the queue, and comes back to both', async () => {
  const page = await told.open()
  await runAndWait(page)
  const shown = () =>
    Promise.all(
      [pictureIn(node(page, 'Save Image')), page.getByRole('button', { name: /^Show .*png/ })].map((all) =>
        all.count(),
      ),
    )
  await expect.poll(shown, patience).toEqual([1, 1])
  await pictureIn(node(page, 'Save Image')).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect.poll(shown, patience).toEqual([0, 0])
  await page.getByRole('button', { name: 'Bring it back' }).click()
  await expect.poll(shown, patience).toEqual([1, 1])

  await page.getByRole('button', { name: /^Show .*png/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Bring it back' }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Gallery' }).click()
  await page.getByRole('button', { name: 'Bring back the last deleted picture' }).click()
  await page.getByRole('button', { name: 'Close Gallery' }).click()
  await expect.poll(shown, patience).toEqual([1, 1])
})

test('one changed input runs its own steps alone', async () => {
  const page = await told.open()
  await keepSeed(page)
  await runAndWait(page)
  await type(field(page, 'LCM Scheduler', 'Steps'), '3')
  const [line = ''] = await runAndWait(page)
  const [, reused, steps] = /(\d+) of (\d+) steps reused/.exec(line) ?? []
  expect(Number(reused)).toBeGreaterThan(0)
  expect(Number(reused)).toBeLessThan(Number(steps))
  for (const title of ['Checkpoint', 'LCM-LoRA', 'Prompt']) await marked(page, title, 'reused').waitFor()
  for (const title of ['Sampler', 'VAE Decode', 'Save Image']) await marked(page, title, 'done').waitFor()

  // Nothing changed: the picture is saved again, and that is all.
  const [again = ''] = await runAndWait(page)
  expect(again).toContain(`${Number(steps) - 1} of ${steps} steps reused`)
})

test('what is edited while a run goes on stays, and the picture is of what was run', async () => {
  const page = await told.open()
  await runLong(page)
  await type(field(page, 'Prompt', 'Text'), 'an owl at night')
  expect(await page.getByRole('button', { name: 'Interrupt' }).isEnabled()).toBe(true)
  await pictureIn(node(page, 'Save Image')).waitFor(patienceForRuns)
  expect(await field(page, 'Prompt', 'Text').inputValue()).toBe('an owl at night')

  await pictureIn(node(page, 'Save Image')).click()
  await page.getByRole('button', { name: 'Open its workflow' }).click()
  await expect.poll(() => field(page, 'Prompt', 'Text').inputValue(), patience).toBe('a fox on a blue background')
})

test('a node in the middle is run without what comes after it', async () => {
  const page = await told.open()
  await header(page, 'VAE Decode').click()
  await page.getByRole('button', { name: 'More ways to run' }).click()
  await page.getByRole('menuitem', { name: 'Run to the selected node' }).click()
  await pictureIn(node(page, 'VAE Decode')).waitFor(patienceForRuns)
  await idle(page)
  expect(await pictureIn(node(page, 'Save Image')).count()).toBe(0)
  for (const state of ['done', 'reused']) expect(await marked(page, 'Save Image', state).count()).toBe(0)
})

const sliders = [
  { template: 'LCM-LoRA, four steps', title: 'LCM-LoRA', label: 'Model strength' },
  { template: 'LoRA Stack', title: 'LoRA Stack', label: 'Strength 2' },
]

test.each(sliders)(
  'live, the picture follows the strength of $title, and no session is created for it',
  async (slider) => {
    const page = await told.open()
    const heard = listen(page)
    await page.getByRole('button', { name: 'Templates', exact: true }).click()
    const title = page.getByText(slider.template, { exact: true })
    await page.getByRole('region').getByRole('button').filter({ has: title }).click()
    await page.getByRole('button', { name: 'Close Templates' }).click()
    await page.getByRole('button', { name: 'Show everything' }).click()
    const strength = field(page, slider.title, slider.label)
    await strength.waitFor()
    await page.reload()
    const before = Number(await strength.inputValue())
    await page.getByRole('button', { name: 'Live', exact: true }).click()
    const picture = pictureIn(node(page, 'Save Image')).locator('img')
    await picture.waitFor(patienceForRuns)
    await idle(page)
    const first = await picture.getAttribute('src')

    const box = await strength.boundingBox()
    if (!box) throw new Error('The field is not to be seen.')
    const start = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    await page.mouse.move(start.x, start.y)
    await page.mouse.down()
    const following = () => [...heard.jobs.values()].slice(1)
    for (let step = 1; step <= 12; step++) {
      await page.mouse.move(start.x - 4 * step, start.y)
      if (step === 6) await expect.poll(() => following().length, patience).toBeGreaterThan(0)
    }
    await page.mouse.up()

    expect(Number(await strength.inputValue())).toBeLessThan(before)
    await expect.poll(() => following().length, patience).toBeGreaterThan(1)
    await expect.poll(() => following().at(-1)?.state, patienceForRuns).toBe('done')
    await expect.poll(() => picture.getAttribute('src'), patience).not.toBe(first)
    for (const { live, result } of following()) expect([live, result?.sessions ?? 0]).toEqual([true, 0])
    // Of what waits only the newest is kept.
    expect(heard.longest).toBeLessThanOrEqual(1)
  },
)

/** Follows what the server tells the page. */
function listen(page: Page) {
  const heard = { jobs: new Map<string, Job>(), longest: 0 }
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      if (typeof payload !== 'string') return
      const message = serverMessage.parse(JSON.parse(payload))
      if (message.type === 'job') heard.jobs.set(message.job.id, message.job)
      if (message.type === 'order') heard.longest = Math.max(heard.longest, message.order.length)
    }),
  )
  return heard
}
