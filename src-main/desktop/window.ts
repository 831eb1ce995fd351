import { join } from 'node:path'
import { BrowserWindow, type Session, screen, session, shell, type WebContents } from 'electron'
import { followTheme, takeTheme } from './appearance.ts'
import { confirms } from './ask.ts'
import type { Host } from './host.ts'
import type { Kept } from './kept.ts'
import type { Log } from './log.ts'
import { keepPlace, openingFor } from './place.ts'
import { createRescue } from './rescue.ts'
import { isOf, parseAddress } from './sender.ts'
import { checkSpelling, showFieldMenus } from './spelling.ts'

/** Pages run without Node, apart from Electron, and in Chromium's sandbox. */
export const sandboxed = { contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false } as const

/** A sandboxed window with the page that the host serves. It cannot navigate elsewhere. */
export function createWindow(host: Pick<Host, 'url'>, kept: Kept, log: Log): BrowserWindow {
  const { bounds, maximized, fullScreen } = openingFor(kept.state, screen.getAllDisplays())
  // before there is a page that asks for a dictionary
  checkSpelling(session.defaultSession, kept.state.spelling)
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 800,
    minHeight: 600,
    backgroundColor: takeTheme(kept.state.theme),
    fullscreen: fullScreen,
    show: false,
    webPreferences: { ...sandboxed, preload: join(import.meta.dirname, 'preload.cjs') },
  })
  guard(window, host)
  const rescue = createRescue({ reload: () => window.reload(), ask: () => asksToReload(window) })
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log.write('page', `The process of the page ended: ${reason}, exit code ${exitCode}.`)
    void rescue()
  })
  showFieldMenus(window)
  followTheme(window)
  keepPlace(window, kept, () => screen.getAllDisplays())
  if (maximized) window.maximize()
  window.webContents.on('dom-ready', () => window.webContents.setZoomLevel(kept.state.zoom))
  window.once('ready-to-show', () => window.show())
  keepPage(window.webContents, () => host.url)
  return window
}

/** Holds a window to the pages of the host, which get no permission but that of the clipboard. */
export function guard(window: BrowserWindow, host: Pick<Host, 'url'>): void {
  const isOwn = (address: string) => isOf(address, new URL(host.url).origin)
  denyPermissions(window.webContents.session, isOwn)
  window.webContents.setWindowOpenHandler(({ url: target }) => {
    void offerInBrowser(window, target)
    return { action: 'deny' }
  })
  const stay = (event: { readonly url: string; preventDefault(): void }) => {
    if (!isOwn(event.url)) event.preventDefault()
  }
  window.webContents.on('will-frame-navigate', stay)
  window.webContents.on('will-redirect', stay)
  window.webContents.on('will-attach-webview', (event) => event.preventDefault())
}

/** Milliseconds until a page that did not come is asked for again: its server may be starting. */
const pause = 1_000

/** Chromium's code for a page that another one took the place of. */
const aborted = -3

/** Loads the page, and again when it did not come, or when the page has gone where nothing can stop it: `about:blank`. */
function keepPage(contents: WebContents, urlOf: () => string): void {
  // what failed is told as an event
  const load = () => void contents.loadURL(urlOf()).catch(() => {})
  contents.on('did-fail-load', (_event, code, _description, _address, isMainFrame) => {
    if (!isMainFrame || code === aborted) return
    setTimeout(() => {
      if (!contents.isDestroyed()) load()
    }, pause)
  })
  contents.on('did-navigate', (_event, address) => {
    if (!isOf(address, new URL(urlOf()).origin)) load()
  })
  load()
}

function asksToReload(window: BrowserWindow): Promise<boolean> {
  return confirms(window, {
    type: 'error',
    message: 'The page ended again and again.',
    detail: 'Documents and drafts are kept. If it ends after each start, start Latent Loom again.',
    buttons: ['Load it again', 'Leave it'],
    usual: 'yes',
  })
}

/** Denies all permissions but the page's to use the clipboard: Electron grants every permission by default. */
function denyPermissions(of: Session, isOwn: (address: string) => boolean): void {
  const allowed = new Set(['clipboard-read', 'clipboard-sanitized-write'])
  of.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(allowed.has(permission) && isOwn(requestingUrl)),
  )
  of.setPermissionCheckHandler(
    (_contents, permission, requestingOrigin) => allowed.has(permission) && isOwn(requestingOrigin),
  )
}

/** Shows the target of a link before it opens, because a note may come from somebody else. */
async function offerInBrowser(window: BrowserWindow, target: string): Promise<void> {
  if (!/^https?:$/.test(parseAddress(target)?.protocol ?? '')) return
  const opens = await confirms(window, {
    type: 'question',
    message: 'Open this address in the browser?',
    detail: target,
    buttons: ['Open', 'Cancel'],
    usual: 'no',
  })
  if (opens) await shell.openExternal(target)
}
