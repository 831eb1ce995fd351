import { createStore } from 'zustand/vanilla'

export type LeftPanel = 'templates' | 'files' | 'gallery'
export type RightPanel = 'node' | 'form' | 'queue'

/** A port of a node on the shown level. */
export interface PortRef {
  readonly node: string
  readonly port: string
  readonly side: 'output' | 'input'
}

/** The state of the node search. */
export interface NodeSearch {
  /** Position of the list on the page in CSS pixels. */
  readonly screen: { readonly x: number; readonly y: number }
  /** Position of the new node on the canvas. */
  readonly at: readonly [number, number]
  /** The user did not choose the position, so the node may move to a free place. */
  readonly free?: boolean
  /** The fixed end of a dragged link. Only fitting entries are offered, and the chosen one is linked. */
  readonly from?: PortRef
}

export type Dialog =
  | { readonly kind: 'settings' | 'cuda' | 'shortcuts' | 'share' | 'open' | 'about' }
  /** `tab` defaults to the active tab. */
  | { readonly kind: 'save-as'; readonly tab?: string; readonly thenClose?: boolean }
  /** The file of this tab was changed elsewhere. */
  | { readonly kind: 'conflict'; readonly tab: string }
  | { readonly kind: 'close-unsaved'; readonly tab: string }
  | { readonly kind: 'viewer'; readonly picture: string; readonly compare?: string }
  /** Lists the ports that `from` can be linked to, as an alternative to dragging. */
  | { readonly kind: 'connect'; readonly from: PortRef }

/** The dialogs of one kind. */
export type DialogOf<K extends Dialog['kind']> = Dialog & { readonly kind: K }

/** Open panels, dialogs and menus. */
export interface UiState {
  readonly left: LeftPanel | undefined
  readonly right: RightPanel | undefined
  readonly dialog: Dialog | undefined
  readonly search: NodeSearch | undefined
  readonly palette: boolean
}

export const ui = createStore<UiState>(() => ({
  left: undefined,
  right: 'queue',
  dialog: undefined,
  search: undefined,
  palette: false,
}))

export const openDialog = (dialog: Dialog): void => ui.setState({ dialog })
export const closeDialog = (): void => ui.setState({ dialog: undefined })
