import type { LucideIcon } from 'lucide-react'
import type { TextCommand } from '#core/protocol/desktop.ts'
import type { Tab } from '../store/workspace.ts'

/** The state that an action works on. */
export interface ActionContext {
  /** The active tab. Actions that need one check it in `enabled`. */
  readonly tab: Tab | undefined
}

export type ActionGroup = 'file' | 'edit' | 'add' | 'arrange' | 'view' | 'run' | 'help'

/** A user action. Palette, menus, buttons and shortcuts are all made from one table of actions. */
export interface Action {
  /** Stable, because settings refer to it. */
  readonly id: string
  readonly group: ActionGroup
  label(context: ActionContext): string
  readonly icon?: LucideIcon
  /** Additional search terms for the palette. */
  readonly keywords?: readonly string[]
  /** Default key chords: "mod+enter". `mod` is Ctrl, or Command on a Mac. */
  readonly shortcuts?: readonly string[]
  /** Further default chords of the desktop window, which a browser keeps for itself. They come first. */
  readonly windowShortcuts?: readonly string[]
  /** Only the desktop window can do it; a browser does not list it. */
  readonly inWindow?: true
  /** What the native menu does instead while a text field has the focus. */
  readonly inText?: TextCommand
  /** The default chords are only displayed. The browser handles them as clipboard events. */
  readonly browserShortcuts?: true
  /** Also works while a text field has the focus. */
  readonly inFields?: boolean
  enabled?(context: ActionContext): boolean
  perform(context: ActionContext): void | Promise<void>
}
