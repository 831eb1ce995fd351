import { type BrowserWindow, nativeTheme } from 'electron'
import type { WindowSettings } from '#core/protocol/desktop.ts'
import { backgrounds } from './backgrounds.ts'

const background = (): string => backgrounds[nativeTheme.shouldUseDarkColors ? 'dark' : 'light']

/** Takes the theme for title bars, menus and dialogs, and for the page where it follows the system. */
export function takeTheme(theme: WindowSettings['theme']): string {
  nativeTheme.themeSource = theme
  return background()
}

/** Keeps a window's background that of the theme, also when the system's changes. */
export function followTheme(window: BrowserWindow): void {
  const follow = () => window.setBackgroundColor(background())
  nativeTheme.on('updated', follow)
  window.on('closed', () => nativeTheme.off('updated', follow))
}
