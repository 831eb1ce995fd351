import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app, type BrowserWindow, dialog } from 'electron'
import { type AppUpdater, autoUpdater } from 'electron-updater'
import type { Kept } from './kept.ts'
import type { Log } from './log.ts'
import { createUpdates, type Updates } from './updates.ts'

/** Where electron-builder notes the address of the releases, if the build knew one. */
const address = 'app-update.yml'

/** Looks for new versions, with its questions before this window. */
export function windowUpdates(window: BrowserWindow, kept: Kept, log: Log): Updates {
  const updates = createUpdates({
    updater: findUpdater(log),
    version: app.getVersion(),
    kept,
    async ask({ message, detail, buttons }) {
      const options = { message, detail, buttons: [...buttons], cancelId: buttons.length - 1, noLink: true }
      return (await dialog.showMessageBox(window, { type: 'question', ...options })).response
    },
  })
  window.once('show', () => void updates.atStart())
  return updates
}

/** The updater of this copy, if the copy may replace itself: a Debian package is replaced by its package manager. */
function findUpdater(log: Log): AppUpdater | undefined {
  const ownsItself = process.platform !== 'linux' || process.env.APPIMAGE !== undefined
  if (!app.isPackaged || !ownsItself || !existsSync(join(process.resourcesPath, address))) return undefined
  const write = (message: unknown) => log.write('window', String(message))
  autoUpdater.logger = { info: write, warn: write, error: write }
  return autoUpdater
}
