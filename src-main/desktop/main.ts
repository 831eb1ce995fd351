import { join } from 'node:path'
import { app, type BrowserWindow, dialog, shell } from 'electron'
import { answerVerbs } from './answer-verbs.ts'
import { tellPage } from './channels.ts'
import { runHeadless } from './headless.ts'
import { type Host, OtherServer, startHost } from './host.ts'
import { openKept } from './kept.ts'
import { openLog } from './log.ts'
import { createWindow } from './window.ts'

const isDocument = (argument: string): boolean => argument.endsWith('.loom.json')

/** Files to open once there is a window: macOS sends them before the program is ready. */
const waiting: string[] = process.argv.slice(1).filter(isDocument)
let open = (file: string): void => void waiting.push(file)

app.on('open-file', (event, file) => {
  event.preventDefault()
  open(file)
})

if (!runHeadless(process.argv)) {
  if (app.requestSingleInstanceLock()) void start()
  else app.quit()
}

async function start(): Promise<void> {
  let unsaved = false
  let quitting = false
  let window: BrowserWindow | undefined
  await app.whenReady()
  const log = openLog(app.getPath('logs'))
  log.write('window', `Latent Loom ${app.getVersion()}, Electron ${process.versions.electron}, ${process.platform}`)
  process.on('uncaughtExceptionMonitor', ({ stack }) => log.write('window', String(stack)))
  const host = await startHost(log, () => {
    if (quitting) return
    dialog.showErrorBox('Latent Loom', 'The server process ended. Start Latent Loom again; drafts are kept.')
    app.exit(1)
  }).catch(async (error: unknown) => {
    if (error instanceof OtherServer) await offerOther(error)
    else dialog.showErrorBox('Latent Loom', error instanceof Error ? error.message : String(error))
    app.exit(1)
  })
  if (!host) return

  const kept = openKept(join(app.getPath('userData'), 'window.json'))
  const show = (): void => {
    window = createWindow(host.url, kept, log)
    window.on('closed', () => {
      window = undefined
    })
    window.on('close', (event) => {
      // drafts keep unsaved work anyway; the question is for people who meant to save
      if (unsaved && window && !confirmsClosing(window)) event.preventDefault()
    })
    answerVerbs({
      window,
      host,
      kept,
      log,
      setUnsaved(now) {
        unsaved = now
        window?.setDocumentEdited(now)
      },
    })
    window.webContents.once('did-finish-load', () => {
      open = (file) => void openIn(window, host, file)
      for (const file of waiting.splice(0)) open(file)
    })
  }
  show()

  app.on('second-instance', (_event, argv) => {
    if (window?.isMinimized()) window.restore()
    window?.focus()
    for (const file of argv.slice(1).filter(isDocument)) open(file)
  })
  app.on('window-all-closed', () => app.quit())
  app.on('before-quit', () => {
    quitting = true
    host.close()
  })
}

async function offerOther({ message, url }: OtherServer): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message,
    detail: 'Documents and drafts can be open in one of them at a time.',
    buttons: ['Open that one', 'Cancel'],
    defaultId: 0,
    cancelId: 1,
  })
  if (response === 0) await shell.openExternal(url)
}

async function openIn(window: BrowserWindow | undefined, host: Host, file: string): Promise<void> {
  try {
    const id = await host.register(file, { create: false })
    if (window) tellPage(window.webContents, 'open', id)
  } catch (error) {
    dialog.showErrorBox('Latent Loom', error instanceof Error ? error.message : String(error))
  }
}

function confirmsClosing(window: BrowserWindow): boolean {
  const choice = dialog.showMessageBoxSync(window, {
    type: 'question',
    message: 'Some workflows have changes that are not saved.',
    detail: 'They are kept as drafts and come back when Latent Loom is started again.',
    buttons: ['Close', 'Cancel'],
    defaultId: 0,
    cancelId: 1,
  })
  return choice === 0
}
