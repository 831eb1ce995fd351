import { Download, FilePlus2, FolderOpen, LayoutTemplate, Save, Share2, X } from 'lucide-react'
import type { Desktop } from '#core/protocol/desktop.ts'
import { desktop } from '../api/desktop.ts'
import { openDialog, ui } from '../store/ui.ts'
import { t } from '../strings/t.ts'
import { downloadWorkflow } from '../ui/download.ts'
import { openDocument } from '../workspace/documents.ts'
import { askForName, saveTab } from '../workspace/save.ts'
import { newDocument, requestClose, stepTab } from '../workspace/tabs.ts'
import type { Action } from './action.ts'
import { hasTab, withScene } from './on-tab.ts'

export const fileActions: readonly Action[] = [
  {
    id: 'file.new',
    group: 'file',
    label: () => t('actions.file.new'),
    icon: FilePlus2,
    shortcuts: ['alt+n'],
    windowShortcuts: ['mod+n'],
    perform: () => void newDocument(),
  },
  {
    id: 'file.open',
    group: 'file',
    label: () => t('actions.file.open'),
    icon: FolderOpen,
    shortcuts: ['mod+o'],
    inFields: true,
    perform: () => (desktop ? openChosen(desktop) : openDialog({ kind: 'open' })),
  },
  {
    id: 'file.templates',
    group: 'file',
    label: () => t('actions.file.templates'),
    icon: LayoutTemplate,
    keywords: ['example', 'start'],
    perform: () => ui.setState({ left: 'templates' }),
  },
  {
    id: 'file.save',
    group: 'file',
    label: () => t('actions.file.save'),
    icon: Save,
    shortcuts: ['mod+s'],
    inFields: true,
    enabled: hasTab,
    perform: ({ tab }) => tab && saveTab(tab),
  },
  {
    id: 'file.save-as',
    group: 'file',
    label: () => t('actions.file.saveAs'),
    shortcuts: ['mod+shift+s'],
    inFields: true,
    enabled: hasTab,
    perform: ({ tab }) => tab && askForName(tab),
  },
  {
    id: 'file.share',
    group: 'file',
    label: () => t('actions.file.share'),
    icon: Share2,
    keywords: ['link', 'png', 'json', 'export'],
    enabled: hasTab,
    perform: () => openDialog({ kind: 'share' }),
  },
  {
    id: 'file.download',
    group: 'file',
    label: () => t('actions.file.download'),
    icon: Download,
    keywords: ['export', 'json'],
    enabled: hasTab,
    perform: withScene(({ workflow }) => downloadWorkflow(workflow)),
  },
  {
    id: 'file.close',
    group: 'file',
    label: () => t('actions.file.close'),
    icon: X,
    shortcuts: ['alt+w'],
    windowShortcuts: ['mod+w'],
    enabled: hasTab,
    perform: ({ tab }) => tab && requestClose(tab.id),
  },
  {
    id: 'file.next-tab',
    group: 'file',
    label: () => t('actions.file.nextTab'),
    shortcuts: ['alt+pagedown'],
    inFields: true,
    perform: () => stepTab(1),
  },
  {
    id: 'file.previous-tab',
    group: 'file',
    label: () => t('actions.file.previousTab'),
    shortcuts: ['alt+pageup'],
    inFields: true,
    perform: () => stepTab(-1),
  },
]

async function openChosen({ openDocument: choose }: Desktop): Promise<void> {
  const id = await choose()
  if (id !== null) await openDocument(id)
}
