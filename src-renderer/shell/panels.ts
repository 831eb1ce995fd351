import { Boxes, Image, LayoutTemplate, type LucideIcon } from 'lucide-react'
import type { ComponentType } from 'react'
import type { LeftPanel, RightPanel } from '../store/ui.ts'
import { deferred } from '../ui/deferred.ts'

/** Components of the panels. Each is loaded on first use. */
export const leftPanels: Readonly<Record<LeftPanel, ComponentType>> = {
  templates: deferred(async () => (await import('../panels/templates/templates-panel.tsx')).TemplatesPanel),
  files: deferred(async () => (await import('../panels/files/files-panel.tsx')).FilesPanel),
  gallery: deferred(async () => (await import('../panels/gallery/gallery-panel.tsx')).GalleryPanel),
}

export const rightPanels: Readonly<Record<RightPanel, ComponentType>> = {
  node: deferred(async () => (await import('../panels/node/node-panel.tsx')).NodePanel),
  form: deferred(async () => (await import('../panels/form/form-panel.tsx')).FormPanel),
  queue: deferred(async () => (await import('../panels/queue/queue-panel.tsx')).QueuePanel),
}

/** Panels that depend on the active document. */
export const documentPanels: ReadonlySet<LeftPanel | RightPanel> = new Set<RightPanel>(['node', 'form'])

/** Icons in the order of the rail. */
export const leftIcons: Readonly<Record<LeftPanel, LucideIcon>> = {
  templates: LayoutTemplate,
  files: Boxes,
  gallery: Image,
}
