import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { smallModels } from '../small-models.ts'
import { launchBrowser } from './browser.ts'
import { type ServedEditor, type Serving, startEditor } from './editor.ts'
import { type Opening, type Stage, setStage } from './stage.ts'

interface Stories {
  readonly editor: ServedEditor
  /** Opens the editor as on its first start. A story ends where the next one does so. */
  open(opening?: Opening): Promise<Page>
  /** Goes on where the last story of the file ended, and opens the editor only if that one was the first or failed. */
  resume(opening?: Opening): Promise<Page>
}

// one of each serves file after file, as the process does; they end with it
let launching: Promise<Browser> | undefined
let serving: ReturnType<typeof startEditor> | undefined
let stage: Stage | undefined

/** The browser of all files. */
export const sharedBrowser = () => {
  launching ??= launchBrowser()
  return launching
}

const sharedEditor = () => {
  serving ??= startEditor({ models: smallModels() }, sharedBrowser)
  return serving
}

/**
 * A browser, a page and a server for the stories of a file. The shared server draws with tiny random models, one of a
 * file's own with those of the program and with what it is told to serve.
 * A story has failed if a page complained in its console.
 */
export function stories(own?: Serving): Stories {
  let browser: Browser | undefined
  let editor: ServedEditor | undefined
  let mine: Stage | undefined

  beforeAll(async () => {
    ;({ browser, editor } = await (own ? startEditor(own, sharedBrowser) : sharedEditor()))
  })

  afterEach(async ({ task }) => {
    if (!stage) return
    const complaints = stage.complaints.splice(0)
    if (task.result?.state !== 'fail' && complaints.length === 0) return
    // the next story does not suffer for this one
    const spoiled = stage.page.context()
    stage = undefined
    await photograph(spoiled.pages(), task.name)
    await spoiled.close()
    expect(complaints, 'complaints in the console').toEqual([])
  })

  afterAll(async () => {
    if (!own) return
    await stage?.page.goto('about:blank')
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
    async open(opening) {
      stage ??= await setStage(started(browser))
      await stage.open(started(editor).url, opening)
      mine = stage
      return stage.page
    },
    async resume(opening) {
      return mine && mine === stage ? mine.page : this.open(opening)
    },
  }
}

/** Outlives the run, unlike the temporary folder. */
const failures = fileURLToPath(new URL('../../out/failed-stories', import.meta.url))

/** Takes screenshots of the pages of a failed story. */
async function photograph(pages: readonly Page[], story: string): Promise<void> {
  for (const [index, page] of pages.entries()) {
    const path = join(failures, `${story.replaceAll(/\W+/g, '-').slice(0, 60)}-${index}.png`)
    await page.screenshot({ path })
    process.stderr.write(`The page of "${story}": ${path}\n`)
  }
}
