import { Boxes, Image, LayoutTemplate, type LucideIcon } from 'lucide-react'
import { type ComponentType, lazy } from 'react'
import type { LeftPanel, RightPanel } from '../store/ui.ts'

/** What the panels show; each is loaded when it is shown first. */
export const leftPanels: { readonly [P in LeftPanel]?: ComponentType } = {}

export const rightPanels: { readonly [P in RightPanel]?: ComponentType } = {
  queue: lazy(async () => ({ default: (await import('../panels/queue/queue-panel.tsx')).QueuePanel })),
}

/** In the order of the rail. */
export const leftIcons: Readonly<Record<LeftPanel, LucideIcon>> = {
  templates: LayoutTemplate,
  files: Boxes,
  gallery: Image,
}
