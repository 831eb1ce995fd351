import { app, Menu } from 'electron'
import type { DesktopMenu } from '#core/protocol/desktop.ts'
import { type MenuTargets, menuTemplate } from './menu-template.ts'

/** Shows the native menu of the page's actions, so that palette, buttons and menu offer the same. */
export function showMenu(menus: readonly DesktopMenu[], targets: MenuTargets): void {
  const program = { name: app.name, mac: process.platform === 'darwin' }
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(menus, targets, program)))
}
