import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { DesktopMenu } from '#core/protocol/desktop.ts'

/**
 * The native menu, made from the page's actions, so that palette, buttons and menu say the same.
 * @param perform gets the id of the action that was chosen
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
            // the page listens to the keys itself; twice would be once too often
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
