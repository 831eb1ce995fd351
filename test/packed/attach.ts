import { chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { patience } from '../browser/controls.ts'
import { type Starting, spawnProgram } from '../desktop/program.ts'

type Spawned = ReturnType<typeof spawnProgram>

/** A packed program with its page. */
export interface Attached extends Spawned {
  readonly page: Page
}

/** What the page needs and Chromium 114 lacks. */
function polyfill(): void {
  const { WebSocket } = globalThis
  globalThis.WebSocket = class extends WebSocket {
    constructor(...[url, protocols]: ConstructorParameters<typeof WebSocket>) {
      super(String(url).replace(/^http/, 'ws'), protocols)
    }
  }
  Map.groupBy ??= <K, T>(items: Iterable<T>, keyOf: (item: T, at: number) => K): Map<K, T[]> => {
    const groups = new Map<K, T[]>()
    for (const item of items) {
      const key = keyOf(item, 0)
      groups.set(key, [...(groups.get(key) ?? []), item])
    }
    return groups
  }
}

/**
 * Starts the packed program and waits until its canvas can be used. It is looked into through the page's DevTools: that of the
 * main process, which Playwright's `_electron` takes, is shut in a packed program.
 */
export async function attach(starting: Starting = {}): Promise<Attached> {
  const spawned = spawnProgram({ ...starting, args: ['--remote-debugging-port=0', ...(starting.args ?? [])] })
  const address = () => /^DevTools listening on (ws:\S+)/m.exec(spawned.output.stderr)?.[1]
  await expect.poll(address, patience).toBeDefined()
  // its defaults need contexts, which Electron has not
  const browser = await chromium.connectOverCDP(address() ?? '', { noDefaults: true })
  const [context] = browser.contexts()
  const find = () => context?.pages().find((page) => page.url().startsWith('http'))
  await expect.poll(find, patience).toBeDefined()
  const page = find()
  if (!page) throw new Error('There is no page.')
  page.setDefaultTimeout(patience.timeout)
  const version = Number.parseInt(browser.version().replace(/^\D*/, ''), 10)
  if (version < 125) {
    await page.addInitScript(polyfill)
    await page.reload()
  }
  await page.getByRole('application', { name: 'Canvas of nodes' }).waitFor()
  return { ...spawned, page }
}
