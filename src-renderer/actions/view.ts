import { Grid3x3, Image, Map as MapIcon, Maximize, PanelRight, SunMoon, ZoomIn, ZoomOut } from 'lucide-react'
import { fitView, zoomIn, zoomOut } from '../canvas/view/viewport.ts'
import { settings } from '../store/settings.ts'
import { type LeftPanel, type RightPanel, ui } from '../store/ui.ts'
import { t } from '../strings/t.ts'
import type { Action } from './action.ts'
import { hasTab } from './on-tab.ts'

const toggleLeft = (panel: LeftPanel) => () => ui.setState(({ left }) => ({ left: left === panel ? undefined : panel }))
const toggleRight = (panel: RightPanel) => () =>
  ui.setState(({ right }) => ({ right: right === panel ? undefined : panel }))

const themes = ['dark', 'light', 'system'] as const

export const viewActions: readonly Action[] = [
  {
    id: 'view.fit',
    group: 'view',
    label: () => t('actions.view.fit'),
    icon: Maximize,
    keywords: ['home', 'all', 'centre'],
    shortcuts: ['.', 'home'],
    enabled: hasTab,
    perform: () => fitView(),
  },
  {
    id: 'view.zoom-in',
    group: 'view',
    label: () => t('actions.view.zoomIn'),
    icon: ZoomIn,
    shortcuts: ['alt+=', 'plus', '='],
    enabled: hasTab,
    perform: () => zoomIn(),
  },
  {
    id: 'view.zoom-out',
    group: 'view',
    label: () => t('actions.view.zoomOut'),
    icon: ZoomOut,
    shortcuts: ['alt+-', '-'],
    enabled: hasTab,
    perform: () => zoomOut(),
  },
  {
    id: 'view.minimap',
    group: 'view',
    label: () => t('actions.view.minimap'),
    icon: MapIcon,
    shortcuts: ['alt+m'],
    perform: () => settings.setState(({ minimap }) => ({ minimap: !minimap })),
  },
  {
    id: 'view.snap',
    group: 'view',
    label: () => t('actions.view.snap'),
    icon: Grid3x3,
    perform: () => settings.setState(({ snap }) => ({ snap: !snap })),
  },
  {
    id: 'view.theme',
    group: 'view',
    label: () => t('actions.view.theme'),
    icon: SunMoon,
    keywords: ['dark', 'light'],
    perform: () =>
      settings.setState(({ theme }) => ({ theme: themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'dark' })),
  },
  {
    id: 'view.gallery',
    group: 'view',
    label: () => t('actions.view.gallery'),
    icon: Image,
    shortcuts: ['a'],
    perform: toggleLeft('gallery'),
  },
  {
    id: 'view.files',
    group: 'view',
    label: () => t('actions.view.files'),
    shortcuts: ['n'],
    perform: toggleLeft('files'),
  },
  {
    id: 'view.form',
    group: 'view',
    label: () => t('actions.view.form'),
    shortcuts: ['mod+shift+a'],
    perform: toggleRight('form'),
  },
  {
    id: 'view.node',
    group: 'view',
    label: () => t('actions.view.node'),
    icon: PanelRight,
    shortcuts: ['i'],
    perform: toggleRight('node'),
  },
  {
    id: 'view.queue',
    group: 'view',
    label: () => t('actions.view.queue'),
    shortcuts: ['q'],
    perform: toggleRight('queue'),
  },
]
