import { BrowserWindow, screen } from 'electron'
import type { Host } from './host.ts'
import { guard, sandboxed } from './window.ts'

let shown: BrowserWindow | undefined

/** Shows the newest picture as large as the window: on another display if there is one. Escape closes it. */
export function showPictures(main: BrowserWindow, host: Pick<Host, 'url'>): void {
  if (shown) {
    shown.focus()
    return
  }
  const own = screen.getDisplayMatching(main.getBounds()).id
  const other = screen.getAllDisplays().find(({ id }) => id !== own)
  const window = new BrowserWindow({
    ...(other?.workArea ?? { width: 1000, height: 1000 }),
    fullscreen: other !== undefined,
    backgroundColor: main.getBackgroundColor(),
    // no bridge: it only shows
    webPreferences: sandboxed,
  })
  shown = window
  window.removeMenu()
  guard(window, host)
  window.webContents.on('before-input-event', (_event, { type, key }) => {
    if (type !== 'keyDown') return
    if (key === 'Escape') window.close()
    if (key === 'F11') window.setFullScreen(!window.isFullScreen())
  })
  const close = () => window.destroy()
  main.once('closed', close)
  window.once('closed', () => {
    main.off('closed', close)
    shown = undefined
  })
  void window.loadURL(new URL('/#picture', host.url).href).catch(() => window.destroy())
}
