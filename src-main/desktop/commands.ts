import { type BrowserWindow, shell } from 'electron'
import type { WindowCommand } from '#core/protocol/desktop.ts'
import type { Host } from './host.ts'
import type { Kept } from './kept.ts'
import type { Log } from './log.ts'
import { showPictures } from './picture-window.ts'
import type { Updates } from './updates.ts'

interface Target {
  readonly window: BrowserWindow
  readonly host: Pick<Host, 'url'>
  readonly kept: Kept
  readonly log: Log
  readonly updates: Updates
}

/** What each command does. The names of those for text are Electron's own. */
export const commands: Readonly<Record<WindowCommand, (target: Target) => void>> = {
  undo: ({ window }) => window.webContents.undo(),
  redo: ({ window }) => window.webContents.redo(),
  cut: ({ window }) => window.webContents.cut(),
  copy: ({ window }) => window.webContents.copy(),
  paste: ({ window }) => window.webContents.paste(),
  delete: ({ window }) => window.webContents.delete(),
  selectAll: ({ window }) => window.webContents.selectAll(),
  larger: (target) => zoomTo(target, target.kept.state.zoom + zoomStep),
  smaller: (target) => zoomTo(target, target.kept.state.zoom - zoomStep),
  usualSize: (target) => zoomTo(target, 0),
  fullScreen: ({ window }) => window.setFullScreen(!window.isFullScreen()),
  showPictures: ({ window, host }) => showPictures(window, host),
  showLog: ({ log }) => shell.showItemInFolder(log.file),
  lookForUpdate: ({ updates }) => void updates.whenAsked(),
}

/** Levels of zoom per step, and the last ones at which the page can be used. */
const zoomStep = 0.5
const [smallest, largest] = [-2, 3]

function zoomTo({ window, kept }: Target, level: number): void {
  const zoom = Math.min(largest, Math.max(smallest, level))
  kept.change({ zoom })
  window.webContents.setZoomLevel(zoom)
}
