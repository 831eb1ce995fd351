import { createStore } from 'zustand/vanilla'

export type LeftPanel = 'templates' | 'files' | 'gallery'
export type RightPanel = 'node' | 'form' | 'queue'

/** An end of a link: an output or an input of a node of the shown level. */
export interface PortRef {
  readonly node: string
  readonly port: string
  readonly side: 'output' | 'input'
}

/** Where the search for a node to add was opened. */
export interface NodeSearch {
  /** Of the page, in CSS pixels: where the list appears. */
  readonly screen: { readonly x: number; readonly y: number }
  /** On the canvas: where the node comes to lie. */
  readonly at: readonly [number, number]
  /** Nobody pointed at the place: the node gives way to what lies there. */
  readonly free?: boolean
  /** The end that a dragged link hangs from: only what fits it is offered, and is linked. */
  readonly from?: PortRef
}

export type Dialog =
  | { readonly kind: 'settings' | 'shortcuts' | 'share' | 'open' | 'about' }
  /** Left out, the tab is the active one. */
  | { readonly kind: 'save-as'; readonly tab?: string; readonly thenClose?: boolean }
  /** The file of this tab was changed by somebody else. */
  | { readonly kind: 'conflict'; readonly tab: string }
  | { readonly kind: 'close-unsaved'; readonly tab: string }
  | { readonly kind: 'viewer'; readonly picture: string; readonly compare?: string }
  /** Every input or output that an end may be linked to, for those who do not drag. */
  | { readonly kind: 'connect'; readonly from: PortRef }

/** The dialogs of one kind. */
export type DialogOf<K extends Dialog['kind']> = Dialog & { readonly kind: K }

/** What is open around the canvas. */
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
