/**
 * `npm run bench:editor`: measures the editor in headless Chromium on this machine: time and bytes until the page is
 * ready, and the longest tasks during work on 1,000 nodes.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { printWorkflow } from '#core/workflow/print.ts'
import { launchBrowser } from '#test/browser/browser.ts'
import { serveEditor } from '#test/browser/editor.ts'
import { stressDocument } from '#test/stress/stress-document.ts'

const rounds = 5
const nodes = 1000

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/** Waits until the canvas shows the document and the Run button works. */
async function ready(page: Page): Promise<void> {
  await page.locator('.react-flow__node').first().locator('header').waitFor()
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
}

/** A page on the editor that has nothing of an earlier one in its cache. */
async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(url)
  await ready(page)
  return page
}

/** Milliseconds from the request to the ready page, and compressed bytes of scripts and styles until then. */
async function start(
  browser: Browser,
  url: string,
): Promise<{ milliseconds: number; scripts: number; styles: number }> {
  const started = performance.now()
  const page = await openPage(browser, url)
  const milliseconds = performance.now() - started
  const sizes = await page.evaluate(() => {
    const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
    const sum = (ending: string) =>
      entries.filter(({ name }) => name.endsWith(ending)).reduce((bytes, entry) => bytes + entry.encodedBodySize, 0)
    return { scripts: sum('.js'), styles: sum('.css') }
  })
  await page.context().close()
  return { milliseconds, ...sizes }
}

/** A person's actions, by pointer and keys. */
const deeds: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async drag(page) {
    const { x, y } = await middleOf(page, 'header')
    await page.mouse.move(x, y)
    await page.mouse.down()
    for (let step = 1; step <= 40; step++) await page.mouse.move(x + 3 * step, y + 2 * step)
    await page.mouse.up()
  },
  async type(page) {
    await page.locator('.react-flow__node').locator('textarea, input').first().click()
    await page.keyboard.type('a paper fox in tall grass at dusk, ', { delay: 15 })
  },
  async connect(page) {
    const { x, y } = await middleOf(page, '[aria-label^="Output "]')
    await page.mouse.move(x, y)
    await page.mouse.down()
    for (let step = 1; step <= 40; step++) await page.mouse.move(x + 4 * step, y + 3 * step)
    await page.mouse.up()
    await page.keyboard.press('Escape')
  },
  async pan(page) {
    const { x, y } = await emptySpot(page)
    await page.mouse.move(x, y)
    await page.mouse.down()
    for (let step = 1; step <= 60; step++)
      await page.mouse.move(x - 5 * Math.min(step, 60 - step), y + 2 * Math.min(step, 60 - step))
    await page.mouse.up()
  },
  async zoom(page) {
    // as a pinch does
    await page.keyboard.down('Control')
    for (let step = 0; step < 20; step++) await page.mouse.wheel(0, step < 10 ? 40 : -40)
    await page.keyboard.up('Control')
  },
}

/** An empty point of the canvas. */
async function emptySpot(page: Page): Promise<{ x: number; y: number }> {
  return page.evaluate(() => {
    for (let y = 200; y < 600; y += 16) {
      for (let x = 200; x < 700; x += 16) {
        if (document.elementFromPoint(x, y)?.classList.contains('react-flow__pane')) return { x, y }
      }
    }
    throw new Error('the canvas is full')
  })
}

/** The centre of the element nearest to the centre of the canvas. */
async function middleOf(page: Page, selector: string): Promise<{ x: number; y: number }> {
  const boxes = []
  for (const element of await page.locator(`.react-flow__node ${selector}`).all()) {
    const box = await element.boundingBox()
    if (box) boxes.push({ x: box.x + box.width / 2, y: box.y + box.height / 2 })
  }
  const distance = ({ x, y }: { x: number; y: number }) => Math.hypot(x - 480, y - 400)
  const [nearest] = boxes.toSorted((a, b) => distance(a) - distance(b))
  if (nearest) return nearest
  throw new Error(`nothing on the canvas is ${selector}`)
}

async function zoomOf(page: Page): Promise<number> {
  await page.waitForTimeout(250)
  const text = await page.getByText(/^Zoom \d+/).textContent()
  return Number(/\d+/.exec(text ?? '')?.[0])
}

/** The longest task of each action, in milliseconds. The browser does not report tasks under 50 ms. */
async function longTasks(browser: Browser, url: string): Promise<Map<string, number>> {
  const page = await openPage(browser, url)
  await page.waitForTimeout(1500)
  // fields are hidden at lower zoom
  while ((await zoomOf(page)) < 70) await page.getByRole('button', { name: 'Zoom in' }).click()
  await page.waitForTimeout(1500)
  await page.evaluate(() => {
    const seen: number[] = []
    Object.assign(window, { seen })
    new PerformanceObserver((list) => seen.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    })
  })
  const longest = new Map<string, number>()
  for (const [name, deed] of Object.entries(deeds)) {
    await deed(page)
    await page.waitForTimeout(800)
    const tasks = await page.evaluate(() => (window as unknown as { seen: number[] }).seen.splice(0))
    longest.set(name, Math.max(0, ...tasks))
  }
  await page.context().close()
  return longest
}

await build({ logLevel: 'warn' })
const browser = await launchBrowser()
const folder = await mkdtemp(join(tmpdir(), 'latent-loom-bench-'))
const file = join(folder, 'stress.loom.json')
await writeFile(file, printWorkflow(stressDocument(nodes)))

const plain = await serveEditor()
const starts = []
for (let round = 0; round < rounds; round++) starts.push(await start(browser, plain.url))
await plain.close()

const large = await serveEditor({ file })
const rows = []
for (let round = 0; round < rounds; round++) rows.push(await longTasks(browser, large.url))
await large.close()
await browser.close()
await rm(folder, { recursive: true })

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`
const [first] = starts
console.log(`page ready: ${median(starts.map(({ milliseconds }) => milliseconds)).toFixed(0)} ms (median of ${rounds})`)
console.log(
  `loaded for it, compressed: ${kilobytes(first?.scripts ?? 0)} of scripts, ${kilobytes(first?.styles ?? 0)} of styles`,
)
for (const name of Object.keys(deeds)) {
  const longest = rows.map((row) => row.get(name) ?? 0)
  const text = longest.map((task) => (task === 0 ? '< 50' : task.toFixed(0))).join(', ')
  console.log(`longest task on ${nodes} nodes, ${name}: ${text} ms`)
}
