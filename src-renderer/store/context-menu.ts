import type { LucideIcon } from 'lucide-react'
import { createStore } from 'zustand/vanilla'

export interface MenuItem {
  readonly id: string
  readonly label: string
  readonly icon?: LucideIcon
  /** As a person reads it. */
  readonly keys?: string
  perform(): void
}

interface Menu {
  /** Of the page, in CSS pixels. */
  readonly screen: { readonly x: number; readonly y: number }
  /** Items that belong together; a line lies between sections. */
  readonly sections: readonly (readonly MenuItem[])[]
}

/** The menu that is open. */
export const contextMenu = createStore<{ readonly menu: Menu | undefined }>(() => ({ menu: undefined }))

export const openContextMenu = (menu: Menu): void => contextMenu.setState({ menu })
export const closeContextMenu = (): void => contextMenu.setState({ menu: undefined })
