import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { routes } from '#core/protocol/routes.ts'
import { type ServedEditor, type Serving, startEditor } from './editor.ts'

interface Opened {
  /** What the page may complain about in its console: answers of the server that the story provokes. */
  readonly forgives?: RegExp
  readonly theme?: 'dark' | 'light'
  /** Pixels; as large as that of a laptop if left out. */
  readonly viewport?: { readonly width: number; readonly height: number }
}

interface Stories {
  readonly editor: ServedEditor
  /** Opens the editor as on its first start: no document of an earlier story is open, and the queue is empty. */
  open(options?: Opened): Promise<Page>
}

/**
 * One browser and one server for the stories of a file. After each story its pages are closed; it has failed if one of them
 * complained in its console.
 */
export function stories(serving?: Serving): Stories {
  let browser: Browser | undefined
  let editor: ServedEditor | undefined
  const contexts: BrowserContext[] = []
  const complaints: string[] = []

  beforeAll(async () => {
    ;({ browser, editor } = await startEditor(serving))
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await photograph(contexts, task.name)
    await Promise.all(contexts.splice(0).map((context) => context.close()))
    expect(complaints.splice(0), 'complaints in the console').toEqual([])
  })

  afterAll(async () => {
    await browser?.close()
    await editor?.close()
  })

  const started = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('Stories are told in tests.')
    return value
  }
  return {
    get editor() {
      return started(editor)
    },
    async open({ forgives, theme = 'light', viewport = { width: 1280, height: 800 } } = {}) {
      const context = await started(browser).newContext({
        viewport,
        permissions: ['clipboard-read', 'clipboard-write'],
        reducedMotion: 'reduce',
        colorScheme: theme,
      })
      contexts.push(context)
      context.on('page', (page) => {
        page.on('pageerror', (error) => complaints.push(String(error.stack)))
        page.on('console', (message) => {
          const text = `${message.text()} ${message.location().url}`
          if (['error', 'warning'].includes(message.type()) && !forgives?.test(text)) complaints.push(text)
        })
      })
      await forgetWork(context, started(editor).url)
      const page = await context.newPage()
      await page.goto(started(editor).url)
      await page.getByRole('application', { name: 'Canvas of nodes' }).waitFor()
      return page
    },
  }
}

async function forgetWork({ request }: BrowserContext, url: string): Promise<void> {
  await request.get(url)
  const address = (path: string) => new URL(path, url).href
  const remove = async (path: string) => {
    const answer = await request.delete(address(path), { data: {} })
    expect(answer.ok(), await answer.text()).toBe(true)
  }
  const { drafts } = routes.listDrafts.result.parse(await (await request.get(address('/api/drafts'))).json())
  for (const { id } of drafts) await remove(`/api/drafts/${id}`)
  await remove('/api/jobs')
}

/** What the pages of a story that failed looked like. */
async function photograph(contexts: readonly BrowserContext[], story: string): Promise<void> {
  for (const [index, page] of contexts.flatMap((context) => context.pages()).entries()) {
    const path = join(tmpdir(), `latent-loom-${story.replaceAll(/\W+/g, '-').slice(0, 60)}-${index}.png`)
    await page.screenshot({ path })
    process.stderr.write(`The page of "${story}": ${path}\n`)
  }
}
