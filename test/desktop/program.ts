import { type ChildProcess, spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { expect, inject } from 'vitest'
import { patience } from '../browser/controls.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { awaitAtTheEnd } from '../temporary.ts'

/** What the shell asks a person, or shows to one. Each is answered by the test. */
type Dialog = 'showOpenDialog' | 'showSaveDialog' | 'showMessageBox' | 'showMessageBoxSync'

interface Asked {
  readonly asked: Dialog | 'showErrorBox' | 'openExternal' | 'showItemInFolder'
  /** The options of the dialog, or the address. */
  readonly about: unknown
}

export interface Starting {
  /** Where the person's settings, documents, drafts and pictures are. A new folder if left out. */
  readonly home?: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The folder that it is started in. */
  readonly folder?: string
}

/** A started program that is observed from outside. */
interface Started {
  readonly child: ChildProcess
  readonly home: string
  /** All dialogs and addresses so far. */
  asked(): readonly Asked[]
  readonly output: { readonly stdout: string; readonly stderr: string }
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  /** Waits for the `count`-th dialog of this kind, and returns its options. */
  dialog(asked: Asked['asked'], count?: number): Promise<unknown>
}

/** A started program with its window. */
export interface Program extends Started {
  readonly app: ElectronApplication
  readonly page: Page
  /** What the page has complained about in its console. */
  complaints(): readonly string[]
  /** Answers the dialog that is shown, or the next one. */
  answer(dialog: Dialog, answer: unknown): Promise<void>
  /** What a script gives that runs in the page, also after the page's process has ended once. */
  inPage(script: string): Promise<unknown>
  /** Ends it as a person does, and waits until it has ended. */
  close(): Promise<void>
}

const desktop = inject('desktop')

/** Each worker that runs at the same time has another number, from 1. */
const worker = Number(process.env.VITEST_POOL_ID ?? 1)

/** The program and screen of this worker. */
export const seat = desktop?.seats[(worker - 1) % desktop.seats.length]

/** Whether no window can be tested here. */
export const isMissing = seat === undefined

/** What the tests run in, for their names. */
export const electron = `Electron ${desktop?.version ?? 'is not here'}`

/** Names the folder of the program that is started, as all its processes do but the engine's, which names the home. */
export const programPlace = (): string => seat?.args[0] ?? dirname(seat?.executable ?? '')

export const newHome = (): string => temporaryFolder()

/** Starts the program and waits until its canvas can be used. */
export async function startProgram(starting: Starting = {}): Promise<Program> {
  const { executable, args, env, home } = commandOf(starting)
  const app = await _electron.launch({ executablePath: executable, args: [...args], env, timeout: patience.timeout })
  const started = observe(app.process(), home)
  const page = await app.firstWindow()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error.stack)))
  page.on('console', (message) => {
    // Electron looks for a policy before the page has come
    const isComplaint = ['error', 'warning'].includes(message.type()) && !message.text().includes('Security Warning')
    const { url } = message.location()
    // a tab that closes before its draft is stored has none to delete
    const isDraft = message.text().includes('404') && url.includes('/api/drafts/')
    if (isComplaint && !isDraft) complaints.push(`${message.text()} ${url}`)
  })
  page.setDefaultTimeout(patience.timeout)
  await page.getByRole('application', { name: 'Canvas of nodes' }).waitFor()
  return {
    ...started,
    app,
    page,
    complaints: () => complaints,
    answer: (dialog, answer) =>
      app.evaluate((_electron, [dialog, answer]) => Reflect.get(globalThis, 'answerDialog')(dialog, answer), [
        dialog,
        answer,
      ] as const),
    inPage: (script) =>
      app.evaluate(
        ({ BrowserWindow }, script) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(script),
        script,
      ),
    async close() {
      await app.evaluate(({ app }) => {
        // about unsaved work
        Reflect.get(globalThis, 'answerDialog')('showMessageBox', { response: 0 })
        app.quit()
      })
      await started.ended
    },
  }
}

/** Starts the program as a double click does, without a look inside. `answers` are those to its dialogs, in turn. */
export function spawnProgram(
  starting: Starting & { readonly answers?: Partial<Record<Dialog, readonly unknown[]>> } = {},
): Started {
  const { executable, args, env, home } = commandOf(starting)
  const child = spawn(executable, args, {
    cwd: starting.folder,
    env: { ...env, LATENT_LOOM_TEST_ANSWERS: JSON.stringify(starting.answers ?? {}) },
  })
  return observe(child, home)
}

/** The environment of a person with this home. */
export function environmentOf(home: string): Record<string, string> {
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const folders = {
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_CACHE_HOME: join(home, 'cache'),
    APPDATA: join(home, 'config'),
    LOCALAPPDATA: join(home, 'data'),
    USERPROFILE: home,
  }
  return { ...Object.fromEntries(inherited), ...folders }
}

function commandOf({ home = newHome(), args = [], env = {} }: Starting) {
  if (!seat) throw new Error('There is no Electron.')
  // root may not use the sandbox, and a screen in memory has no graphics processor
  const switches = ['--no-sandbox', '--disable-gpu', `--user-data-dir=${join(home, 'settings')}`, '--lang=en-US']
  return {
    executable: seat.executable,
    args: [...seat.args, ...switches, ...args],
    env: { ...environmentOf(home), ...seat.env, ...env },
    home,
  }
}

function observe(child: ChildProcess, home: string): Started {
  if (child.pid !== undefined) awaitAtTheEnd(child.pid)
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk
    })
  }
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code))
  })
  const asked = () => output.stderr.split('\n').flatMap((line) => (line.startsWith('{"asked"') ? [askedOf(line)] : []))
  return {
    child,
    home,
    output,
    ended,
    asked,
    async dialog(wanted, count = 1) {
      const found = () => asked().filter(({ asked }) => asked === wanted)[count - 1]
      await expect.poll(found, patience).toBeDefined()
      return found()?.about
    },
  }
}

const askedOf = (line: string): Asked => JSON.parse(line)
