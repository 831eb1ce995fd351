import type { LucideIcon } from 'lucide-react'
import { createStore } from 'zustand/vanilla'

export interface MenuItem {
  readonly id: string
  readonly label: string
  readonly icon?: LucideIcon
  /** Shortcut for display. */
  readonly keys?: string
  perform(): void
}

interface Menu {
  /** Position on the page in CSS pixels. */
  readonly screen: { readonly x: number; readonly y: number }
  /** Groups of items, separated by lines. */
  readonly sections: readonly (readonly MenuItem[])[]
}

/** The open menu. */
export const contextMenu = createStore<{ readonly menu: Menu | undefined }>(() => ({ menu: undefined }))

export const openContextMenu = (menu: Menu): void => contextMenu.setState({ menu })
export const closeContextMenu = (): void => contextMenu.setState({ menu: undefined })
