import { Info, Keyboard, Search, Settings } from 'lucide-react'
import { openDialog, ui } from '../store/ui.ts'
import { t } from '../strings/t.ts'
import type { Action } from './action.ts'

export const helpActions: readonly Action[] = [
  {
    id: 'help.palette',
    group: 'help',
    label: () => t('actions.help.palette'),
    icon: Search,
    shortcuts: ['mod+k', 'mod+shift+p'],
    inFields: true,
    perform: () => ui.setState({ palette: true }),
  },
  {
    id: 'help.shortcuts',
    group: 'help',
    label: () => t('actions.help.shortcuts'),
    icon: Keyboard,
    shortcuts: ['?', 'mod+shift+k'],
    perform: () => openDialog({ kind: 'shortcuts' }),
  },
  {
    id: 'help.settings',
    group: 'help',
    label: () => t('actions.help.settings'),
    icon: Settings,
    shortcuts: ['mod+,'],
    inFields: true,
    perform: () => openDialog({ kind: 'settings' }),
  },
  {
    id: 'help.about',
    group: 'help',
    label: () => t('actions.help.about'),
    icon: Info,
    perform: () => openDialog({ kind: 'about' }),
  },
]
