import { join } from 'node:path'
import { app, type BrowserWindow, dialog, shell } from 'electron'
import { answerVerbs } from './answer-verbs.ts'
import { confirms } from './ask.ts'
import { bringToFront } from './attention.ts'
import { tellPage } from './channels.ts'
import { documentsIn } from './documents.ts'
import { runHeadless } from './headless.ts'
import { type Host, OtherServer, startHost } from './host.ts'
import { createImports, type Imports } from './imports.ts'
import { openKept } from './kept.ts'
import { messageOf, startLastingHost } from './lasting-host.ts'
import { linksIn } from './link.ts'
import { type Log, openLog } from './log.ts'
import { isOf } from './sender.ts'
import { createWindow } from './window.ts'
import { windowUpdates } from './window-updates.ts'

/** Files that the page has not taken yet. macOS sends them before the program is ready. */
const waiting = documentsIn(process.argv.slice(1), process.cwd())
/** The newest link of the scheme `latentloom:` that was followed before there was a window. */
let link = linksIn(process.argv.slice(1)).at(-1)
let window: BrowserWindow | undefined
let imports: Imports | undefined
/** Whether the page has changes that are in no file. */
let unsaved = false

app.on('open-file', (event, file) => {
  event.preventDefault()
  open([file])
})

app.on('open-url', (event, followed) => {
  event.preventDefault()
  follow(followed)
})

if (!runHeadless(process.argv)) {
  if (app.requestSingleInstanceLock()) void start()
  else app.quit()
}

function open(files: readonly string[]): void {
  waiting.push(...files)
  if (!window) return
  bringToFront(window)
  tellPage(window.webContents, 'opened', null)
}

function follow(followed: string | undefined): void {
  link = followed
  if (!window || link === undefined) return
  bringToFront(window)
  void imports?.follow(link)
}

async function start(): Promise<void> {
  let again: string[] | undefined
  let ending = false
  app.on('second-instance', (_event, argv, folder) => {
    const files = documentsIn(argv.slice(1), folder)
    if (ending) again = files
    else open(files)
    follow(linksIn(argv.slice(1)).at(-1))
  })
  // as the installer names the program, or Windows shows no notifications
  if (process.platform === 'win32') app.setAppUserModelId('io.github.latent-loom')
  await app.whenReady()
  // the system or a terminal ends it, and nobody may be there to ask; now, because Electron has set its own by then
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quitUnasked)
  const log = openLog(app.getPath('logs'))
  log.write('window', `Latent Loom ${app.getVersion()}, Electron ${process.versions.electron}, ${process.platform}`)
  process.on('uncaughtExceptionMonitor', ({ stack }) => log.write('window', String(stack)))
  const host = await firstHost(log)
  if (!host) return
  window = openWindow(host, log)
  window.once('show', () => follow(link))
  window.on('closed', () => {
    window = undefined
  })
  app.on('window-all-closed', () => app.quit())
  app.on('will-quit', (event) => {
    event.preventDefault()
    if (ending) return
    ending = true
    void host.close().finally(() => {
      // one that was started meanwhile has gone, and trusts that this one opens its files
      if (again) app.relaunch({ args: [...process.argv.slice(1).filter(isNoDocument), ...again] })
      app.exit()
    })
  })
}

const isNoDocument = (argument: string): boolean => documentsIn([argument], '').length === 0

/** The server, or undefined if it does not start and the program ends. */
async function firstHost(log: Log): Promise<Host | undefined> {
  try {
    return await startLastingHost({
      start: (ended) => startHost(log, ended),
      ask: asksWithoutServer,
      replaced({ url }) {
        // at the same address the page goes on as it is
        if (window && !isOf(window.webContents.getURL(), new URL(url).origin)) void window.loadURL(url).catch(() => {})
      },
      quit: quitUnasked,
    })
  } catch (error) {
    if (error instanceof OtherServer) await offerOther(error)
    else dialog.showErrorBox('Latent Loom', messageOf(error))
    app.exit(1)
    return undefined
  }
}

function openWindow(host: Host, log: Log): BrowserWindow {
  const kept = openKept(join(app.getPath('userData'), 'window.json'))
  const window = createWindow(host, kept, log)
  imports = createImports(window)
  let asking = false
  window.on('close', (event) => {
    if (!unsaved) return
    event.preventDefault()
    if (asking) return
    asking = true
    // drafts keep unsaved work anyway; the question is for people who meant to save
    void confirmsClosing(window).then((confirmed) => {
      asking = false
      if (confirmed) quitUnasked()
    })
  })
  answerVerbs({
    window,
    host,
    kept,
    log,
    updates: windowUpdates(window, kept, log),
    imports,
    takeFiles: () => waiting.splice(0),
    setUnsaved(now) {
      unsaved = now
      window.setDocumentEdited(now)
    },
  })
  return window
}

function quitUnasked(): void {
  unsaved = false
  app.quit()
}

function confirmsClosing(window: BrowserWindow): Promise<boolean> {
  return confirms(window, {
    type: 'question',
    message: 'Some workflows have changes that are not saved.',
    detail: 'They are kept as drafts and come back when Latent Loom is started again.',
    buttons: ['Close', 'Cancel'],
    usual: 'yes',
  })
}

async function asksWithoutServer(reason: string): Promise<'start' | 'quit'> {
  const again = await confirms(window, {
    type: 'error',
    message: reason,
    detail: 'Nothing can be run or saved without it. Open workflows are kept.',
    buttons: ['Start it again', 'Quit'],
    usual: 'yes',
  })
  return again ? 'start' : 'quit'
}

async function offerOther({ message, url }: OtherServer): Promise<void> {
  const opens = await confirms(undefined, {
    type: 'question',
    message,
    detail: 'Documents and drafts can be open in one of them at a time.',
    buttons: ['Open that one', 'Cancel'],
    usual: 'yes',
  })
  if (opens) await shell.openExternal(url)
}
