import { app, type BrowserWindow, dialog, type IpcMain, shell } from 'electron'
import { type DesktopMenu, type Verb, type VerbGives, type VerbTakes, verbs } from '#core/protocol/desktop.ts'
import { takeTheme } from './appearance.ts'
import { showProgress, tellEnd } from './attention.ts'
import { tellPage, verbChannel, verbNames } from './channels.ts'
import { choosePlace, workflowFilter } from './choose-place.ts'
import { commands } from './commands.ts'
import { documentName } from './documents.ts'
import { dragFile } from './drag.ts'
import type { Host } from './host.ts'
import type { Imports } from './imports.ts'
import type { Kept } from './kept.ts'
import { messageOf } from './lasting-host.ts'
import type { Log } from './log.ts'
import { showMenu } from './menu.ts'
import { isOwnPage } from './sender.ts'
import { checkSpelling } from './spelling.ts'
import type { Updates } from './updates.ts'

type Answers = { readonly [V in Verb]: (...given: VerbTakes<V>) => Promise<VerbGives<V>> }

/** What the calls of a window's page work on. */
export interface Answering {
  readonly window: BrowserWindow
  readonly host: Host
  readonly kept: Kept
  readonly log: Log
  readonly updates: Updates
  readonly imports: Pick<Imports, 'take'>
  /** The files that were opened from outside. */
  takeFiles(): readonly string[]
  setUnsaved(unsaved: boolean): void
}

/** Answers the calls of one window's page. Checks the sender and the arguments first. */
export function answerVerbs({ window, host, kept, log, updates, imports, takeFiles, setUnsaved }: Answering): void {
  const answers: Answers = {
    async openDocument() {
      const { filePaths } = await dialog.showOpenDialog(window, {
        filters: [workflowFilter],
        properties: ['openFile'],
      })
      return registered(host, filePaths[0], false)
    },
    async choosePlace(name) {
      const file = await choosePlace(window, name)
      const id = await registered(host, file, true)
      return file === undefined || id === null ? null : { id, name: documentName(file) }
    },
    async takeOpened() {
      const ids: string[] = []
      for (const file of takeFiles()) {
        const id = await registered(host, file, false)
        if (id !== null) ids.push(id)
      }
      return ids
    },
    async takeImported() {
      return imports.take()
    },
    async setMenu(menus: DesktopMenu[]) {
      showMenu(menus, {
        perform: (action) => tellPage(window.webContents, 'action', action),
        open: (id) => tellPage(window.webContents, 'open', id),
      })
      return null
    },
    async setUnsaved(unsaved) {
      setUnsaved(unsaved)
      return null
    },
    async setSettings(settings) {
      kept.change(settings)
      takeTheme(settings.theme)
      checkSpelling(window.webContents.session, settings.spelling)
      return null
    },
    async perform(command) {
      commands[command]({ window, host, kept, log, updates })
      return null
    },
    async setProgress(fraction) {
      showProgress(window, fraction)
      return null
    },
    async tellEnd(what) {
      tellEnd(window, what)
      return null
    },
    async showInFolder(kind, id) {
      shell.showItemInFolder(await host.locate(kind, id))
      return null
    },
    async dragPicture(id) {
      dragFile(window.webContents, await host.locate('picture', id))
      return null
    },
  }
  for (const verb of verbNames) answer(verb, answers, window.webContents.ipc, host)
}

function answer<V extends Verb>(verb: V, answers: Answers, ipc: Pick<IpcMain, 'handle'>, host: Host): void {
  ipc.handle(verbChannel(verb), (event, ...given: unknown[]) => {
    if (!isOwnPage(event.senderFrame, new URL(host.url).origin)) throw new Error('This page may not ask the window.')
    const takes: { parse(given: unknown): VerbTakes<Verb> } = verbs[verb].takes
    return (answers[verb] as (...checked: unknown[]) => Promise<unknown>)(...takes.parse(given))
  })
}

async function registered(host: Host, file: string | undefined, create: boolean): Promise<string | null> {
  if (!file) return null
  try {
    const id = await host.register(file, { create })
    app.addRecentDocument(file)
    return id
  } catch (error) {
    dialog.showErrorBox('Latent Loom', messageOf(error))
    return null
  }
}
