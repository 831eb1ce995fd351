import { Expand } from 'lucide-react'
import type { WindowCommand } from '#core/protocol/desktop.ts'
import { desktop } from '../api/desktop.ts'
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
]
