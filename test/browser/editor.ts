import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchBrowser } from './browser.ts'

/** A real `latent-loom serve` with folders of its own. */
export interface ServedEditor {
  readonly url: string
  /** Documents, drafts, and pictures below `pictures`. */
  readonly folder: string
  /** Ends the server process as a crash would. */
  stop(): Promise<void>
  /** Starts it again on the same folders and port. */
  start(): Promise<void>
  restart(): Promise<void>
  close(): Promise<void>
}

export interface Serving {
  /** A workflow to begin with. */
  readonly file?: string
  /** A folder of model files, before those of the program. */
  readonly models?: string
}

export async function serveEditor(serving: Serving = {}): Promise<ServedEditor> {
  const folder = await mkdtemp(join(tmpdir(), 'latent-loom-editor-'))
  let { child, url } = await startServer(folder, '0', serving)
  const stop = () => ended(child, 'SIGKILL')
  const start = async () => {
    ;({ child, url } = await startServer(folder, new URL(url).port, { ...serving, file: undefined }))
  }
  return {
    get url() {
      return url
    },
    folder,
    stop,
    start,
    async restart() {
      await stop()
      await start()
    },
    async close() {
      await ended(child, 'SIGTERM')
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** A browser and a server, started together: when one does not start, the other is ended. */
export async function startEditor(
  serving?: Serving,
  launching = launchBrowser,
): Promise<{ browser: Browser; editor: ServedEditor }> {
  const started = [launching(), serveEditor(serving)] as const
  try {
    const [browser, editor] = await Promise.all(started)
    return { browser, editor }
  } catch (error) {
    await Promise.allSettled(started.map(async (each) => (await each).close()))
    throw error
  }
}

async function startServer(
  folder: string,
  port: string,
  { file, models }: Serving = {},
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(
    process.execPath,
    [
      'bin/latent-loom.mjs',
      'serve',
      ...(file === undefined ? [] : [file]),
      ...(models === undefined ? [] : ['--models', models]),
      ...['--port', port, '--data', folder, '--out', join(folder, 'pictures')],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [url] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => {
      throw new Error('latent-loom serve ended before it printed its address')
    }),
  ])
  return { child, url: String(url) }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}

/** A page on the editor; what it complains about in its console is an error of the test that closes it. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    acceptDownloads: true,
    ...options,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(url)
  return { page, complaints }
}
