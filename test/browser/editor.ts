import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Browser } from 'playwright-core'
import { awaitAtTheEnd } from '../temporary.ts'
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
  /** Of proxies in front of it. */
  readonly origins?: readonly string[]
}

export async function serveEditor(serving: Serving = {}): Promise<ServedEditor> {
  const folder = await mkdtemp(join(tmpdir(), 'latent-loom-editor-'))
  let { child, url } = await startServer(folder, '0', serving)
  const stop = () => ended(child, () => child.kill('SIGKILL'))
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
      await ended(child, () => child.stdin.end())
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
  { file, models, origins = [] }: Serving = {},
): Promise<{ child: ChildProcessByStdio<Writable, Readable, null>; url: string }> {
  const child = spawn(
    process.execPath,
    [
      'bin/latent-loom.mjs',
      'serve',
      ...(file === undefined ? [] : [file]),
      ...(models === undefined ? [] : ['--models', models]),
      ...origins.flatMap((origin) => ['--origin', origin]),
      ...['--port', port, '--data', folder, '--out', join(folder, 'pictures')],
      // it ends with its stdin, and so with the tests, however these end
      '--control',
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  if (child.pid !== undefined) awaitAtTheEnd(child.pid)
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => {
      throw new Error('latent-loom serve ended before it printed its address')
    }),
  ])
  return { child, url: JSON.parse(line).url }
}

async function ended(child: ChildProcess, end: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  end()
  await exit
}
