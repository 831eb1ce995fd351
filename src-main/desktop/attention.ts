import { app, type BrowserWindow, Notification } from 'electron'

/** Shows a window to a person who looks elsewhere. */
export function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

/** Shows progress in the task bar or the dock. */
export function showProgress(window: BrowserWindow, fraction: number | null): void {
  window.setProgressBar(fraction ?? -1)
}

/** Those on the screen: one that is collected no longer hears the click. */
const shown = new Set<Notification>()

/** Says that something has ended, unless the person looks at the window. A click on it shows the window. */
export function tellEnd(window: BrowserWindow, { title, body }: { title: string; body: string }): void {
  if (window.isFocused()) return
  if (process.platform === 'darwin') app.dock?.bounce('informational')
  else flashUntilSeen(window)
  if (!Notification.isSupported()) return
  const notification = new Notification({ title, body })
  shown.add(notification)
  notification.on('click', () => {
    shown.delete(notification)
    if (!window.isDestroyed()) bringToFront(window)
  })
  notification.on('close', () => shown.delete(notification))
  notification.show()
}

function flashUntilSeen(window: BrowserWindow): void {
  window.flashFrame(true)
  window.once('focus', () => window.flashFrame(false))
}
