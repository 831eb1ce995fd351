import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { DesktopMenu } from '#core/protocol/desktop.ts'

/**
 * Shows the native menu of the page's actions, so that palette, buttons and menu offer the same.
 * @param perform called with the id of the chosen action
 */
export function showMenu(menus: readonly DesktopMenu[], perform: (action: string) => void): void {
  const template: MenuItemConstructorOptions[] = menus.map(({ label, items }) => ({
    label,
    submenu: items.map(({ action, label, accelerator, enabled }) =>
      action === undefined
        ? { type: 'separator' }
        : {
            label,
            enabled,
            // the page handles the keys itself; registered, the action would run twice
            registerAccelerator: false,
            ...(accelerator !== undefined && { accelerator }),
            click: () => perform(action),
          },
    ),
  }))
  const platform: MenuItemConstructorOptions[] =
    process.platform === 'darwin' ? [{ role: 'appMenu' }, ...template, { role: 'windowMenu' }] : template
  Menu.setApplicationMenu(Menu.buildFromTemplate(platform))
}
