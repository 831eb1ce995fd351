import { Expand, FolderSearch, MonitorUp, RefreshCw, ScrollText } from 'lucide-react'
import type { WindowCommand } from '#core/protocol/desktop.ts'
import { desktop } from '../api/desktop.ts'
import { type Tab, type TabFile, workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import type { Action } from './action.ts'

const command = (name: WindowCommand) => async (): Promise<void> => {
  await desktop?.perform(name)
}

/** What only the desktop window can do. The size of the interface has the keys that zoom a page in a browser. */
export const windowActions: readonly Action[] = [
  {
    id: 'view.larger',
    group: 'view',
    inWindow: true,
    label: () => t('actions.window.larger'),
    keywords: ['zoom', 'text', 'size', 'scale'],
    shortcuts: ['mod+plus', 'mod+='],
    inFields: true,
    perform: command('larger'),
  },
  {
    id: 'view.smaller',
    group: 'view',
    inWindow: true,
    label: () => t('actions.window.smaller'),
    keywords: ['zoom', 'text', 'size', 'scale'],
    shortcuts: ['mod+-'],
    inFields: true,
    perform: command('smaller'),
  },
  {
    id: 'view.usual-size',
    group: 'view',
    inWindow: true,
    label: () => t('actions.window.usualSize'),
    keywords: ['zoom', 'text', 'reset', '100'],
    shortcuts: ['mod+0'],
    inFields: true,
    perform: command('usualSize'),
  },
  {
    id: 'view.full-screen',
    group: 'view',
    inWindow: true,
    label: () => t('actions.window.fullScreen'),
    icon: Expand,
    shortcuts: ['f11', 'mod+ctrl+f'],
    inFields: true,
    perform: command('fullScreen'),
  },
  {
    id: 'view.newest-picture',
    group: 'view',
    inWindow: true,
    label: () => t('actions.window.newestPicture'),
    icon: MonitorUp,
    keywords: ['second', 'monitor', 'display', 'large', 'screen'],
    perform: command('showPictures'),
  },
  {
    id: 'file.show-in-folder',
    group: 'file',
    inWindow: true,
    label: () => t('actions.window.showInFolder'),
    icon: FolderSearch,
    keywords: ['reveal', 'explorer', 'finder'],
    enabled: ({ tab }) => fileOf(tab) !== undefined,
    async perform({ tab }) {
      const file = fileOf(tab)
      if (file) await desktop?.showInFolder('document', file.id)
    },
  },
  {
    id: 'help.log',
    group: 'help',
    inWindow: true,
    label: () => t('actions.window.showLog'),
    icon: ScrollText,
    keywords: ['error', 'crash', 'debug'],
    perform: command('showLog'),
  },
  {
    id: 'help.update',
    group: 'help',
    inWindow: true,
    label: () => t('actions.window.update'),
    icon: RefreshCw,
    keywords: ['version', 'new', 'upgrade', 'release'],
    perform: command('lookForUpdate'),
  },
]

const fileOf = (tab: Tab | undefined): TabFile | undefined => tab && workspace.getState().files.get(tab.id)
