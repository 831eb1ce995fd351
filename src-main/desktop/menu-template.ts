import type { MenuItemConstructorOptions } from 'electron'
import type { DesktopMenu } from '#core/protocol/desktop.ts'

/** What a chosen item leads to. */
export interface MenuTargets {
  /** @param id of the page's action */
  perform(id: string): void
  /** @param id of a document */
  open(id: string): void
}

interface Program {
  readonly name: string
  readonly mac: boolean
}

type Item = MenuItemConstructorOptions

/** The page's menus with what each system expects beside them: the Window menu, Quit, and on a Mac the program's own menu. */
export function menuTemplate(menus: readonly DesktopMenu[], targets: MenuTargets, program: Program): Item[] {
  const pages = menus.map(({ label, items }): Item & { submenu: Item[] } => ({
    label,
    submenu: items.map((item) => itemOf(item, targets)),
  }))
  const [file, help] = [pages[0], pages.at(-1)]
  if (!file || !help) return []
  if (program.mac) {
    help.role = 'help'
    return [programMenu(targets, program), ...pages.slice(0, -1), { role: 'windowMenu' }, help]
  }
  file.submenu.push({ type: 'separator' }, { role: 'quit' })
  return pages
}

function itemOf(item: DesktopMenu['items'][number], { perform, open }: MenuTargets): Item {
  if (item.kind === 'separator') return { type: 'separator' }
  const { label } = item
  if (item.kind === 'documents') {
    const submenu = item.documents.map(({ id, label }) => ({ label: plain(label), click: () => open(id) }))
    return { label, enabled: submenu.length > 0, submenu }
  }
  const { action, accelerator, enabled } = item
  return {
    label: plain(label),
    enabled,
    // the page handles the keys itself; registered, the action would run twice
    registerAccelerator: false,
    ...(accelerator !== undefined && { accelerator }),
    click: () => perform(action),
  }
}

/** A label whose `&` is an `&`, and underlines no key. */
const plain = (label: string): string => label.replaceAll('&', '&&')

const programMenu = ({ perform }: MenuTargets, { name }: Program): Item => ({
  label: name,
  submenu: [
    { label: `About ${name}`, click: () => perform('help.about') },
    { type: 'separator' },
    { label: 'Settings…', accelerator: 'Cmd+,', registerAccelerator: false, click: () => perform('help.settings') },
    { type: 'separator' },
    { role: 'services' },
    { type: 'separator' },
    { role: 'hide' },
    { role: 'hideOthers' },
    { role: 'unhide' },
    { type: 'separator' },
    { role: 'quit' },
  ],
})
