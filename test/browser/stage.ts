import type { Browser, Page, Request } from 'playwright-core'
import { expect } from 'vitest'
import { routes } from '#core/protocol/routes.ts'
import { patience } from './controls.ts'

export interface Opening {
  /** What the page may complain about in its console: answers of the server that the story provokes. */
  readonly forgives?: RegExp
  /** Nothing of the editor is in the browser's cache. */
  readonly isFirstVisit?: boolean
  /** What the browser has kept of the editor's settings. */
  readonly settings?: object
  /** Pixels; as large as that of a laptop if left out. */
  readonly viewport?: { readonly width: number; readonly height: number }
}

export interface Stage {
  readonly page: Page
  /** What the pages have complained about in their consoles since the editor was opened. */
  readonly complaints: string[]
  /** Opens the editor as on its first start: with no document, no picture and no job of an earlier story. */
  open(url: string, opening?: Opening): Promise<void>
}

/** A page for one story after another. A page of its own would let each fetch and compile the whole editor again. */
export async function setStage(browser: Browser): Promise<Stage> {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  context.setDefaultTimeout(patience.timeout)
  const complaints: string[] = []
  let forgiven: RegExp | undefined
  context.on('page', (page) => {
    page.on('pageerror', (error) => complaints.push(String(error.stack)))
    page.on('console', (message) => {
      const text = `${message.text()} ${message.location().url}`
      if (['error', 'warning'].includes(message.type()) && !forgiven?.test(text)) complaints.push(text)
    })
  })
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  const unanswered = unansweredOf(page)

  /** Leaves the editor for a plain page beside it, with nothing of the story still on its way to the server. */
  async function leave(url: string): Promise<void> {
    page.removeAllListeners('websocket')
    for (const other of context.pages()) if (other !== page) await other.close()
    await page.evaluate(() => {
      window.fetch = () => new Promise(() => undefined)
    })
    await expect.poll(() => unanswered.size, patience).toBe(0)
    await context.request.get(url)
    await page.goto(new URL('/icon.svg', url).href)
  }

  /** Removes what the server keeps from one start to the next. */
  async function forgetWork(url: string): Promise<void> {
    const address = (path: string) => new URL(path, url).href
    const listed = async (path: string) => (await context.request.get(address(path))).json()
    const remove = async (path: string) => {
      const answer = await context.request.delete(address(path), { data: {} })
      expect(answer.ok(), await answer.text()).toBe(true)
    }
    await remove('/api/jobs')
    const { drafts } = routes.listDrafts.result.parse(await listed('/api/drafts'))
    const { documents } = routes.listDocuments.result.parse(await listed('/api/documents'))
    const { pictures } = routes.listPictures.result.parse(await listed('/api/pictures'))
    for (const { id } of drafts) await remove(`/api/drafts/${id}`)
    for (const { id } of documents) await remove(`/api/documents/${id}`)
    for (const { id } of pictures) await remove(`/api/pictures/${id}`)
  }

  return {
    page,
    complaints,
    async open(url, { forgives, isFirstVisit, settings, viewport = { width: 1280, height: 800 } } = {}) {
      await leave(url)
      await forgetWork(url)
      await page.evaluate((kept) => {
        localStorage.clear()
        if (kept !== undefined) localStorage.setItem('latent-loom.settings', kept)
      }, JSON.stringify(settings))
      if (isFirstVisit) await devtools.send('Network.clearBrowserCache')
      await page.setViewportSize(viewport)
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
      await page.mouse.move(0, 0)
      forgiven = forgives
      complaints.length = 0
      await page.goto(url)
      await page.getByRole('application', { name: 'Canvas of nodes' }).waitFor()
    },
  }
}

/** The requests of what a page shows that have no answer yet. */
function unansweredOf(page: Page): ReadonlySet<Request> {
  const unanswered = new Set<Request>()
  page.on('request', (request) => unanswered.add(request))
  page.on('requestfinished', (request) => unanswered.delete(request))
  page.on('requestfailed', (request) => unanswered.delete(request))
  page.on('framenavigated', () => unanswered.clear())
  return unanswered
}
