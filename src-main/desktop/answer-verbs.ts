import { type BrowserWindow, dialog, ipcMain } from 'electron'
import { type DesktopMenu, type Verb, type VerbGives, type VerbTakes, verbs } from '#core/protocol/desktop.ts'
import { eventChannel, verbChannel, verbNames } from './channels.ts'
import type { Host } from './host.ts'
import { showMenu } from './menu.ts'

type Answers = { readonly [V in Verb]: (...given: VerbTakes<V>) => Promise<VerbGives<V>> }

const workflowFilter = { name: 'Latent Loom workflow', extensions: ['loom.json', 'json'] }

/** Answers the calls of one window's page. Checks the sender and the arguments first. */
export function answerVerbs(window: BrowserWindow, host: Host, setUnsaved: (unsaved: boolean) => void): void {
  const answers: Answers = {
    async openDocument() {
      const { filePaths } = await dialog.showOpenDialog(window, {
        filters: [workflowFilter],
        properties: ['openFile'],
      })
      return registered(host, filePaths[0], false)
    },
    async choosePlace(name) {
      const { filePath } = await dialog.showSaveDialog(window, {
        defaultPath: `${name}.loom.json`,
        filters: [workflowFilter],
      })
      return registered(host, filePath, true)
    },
    async setMenu(menus: DesktopMenu[]) {
      showMenu(menus, (action) => window.webContents.send(eventChannel('action'), action))
      return null
    },
    async setUnsaved(unsaved) {
      setUnsaved(unsaved)
      return null
    },
  }
  const origin = new URL(host.url).origin
  for (const verb of verbNames) answer(verb, answers, origin)
}

function answer<V extends Verb>(verb: V, answers: Answers, origin: string): void {
  ipcMain.handle(verbChannel(verb), (event, ...given: unknown[]) => {
    const from = event.senderFrame?.url
    if (from === undefined || new URL(from).origin !== origin) throw new Error('This page may not ask the window.')
    const takes: { parse(given: unknown): VerbTakes<Verb> } = verbs[verb].takes
    return (answers[verb] as (...checked: unknown[]) => Promise<unknown>)(...takes.parse(given))
  })
}

async function registered(host: Host, file: string | undefined, create: boolean): Promise<string | null> {
  if (!file) return null
  try {
    return await host.register(file, { create })
  } catch (error) {
    dialog.showErrorBox('Latent Loom', error instanceof Error ? error.message : String(error))
    return null
  }
}
