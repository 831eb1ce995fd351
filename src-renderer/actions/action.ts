import type { LucideIcon } from 'lucide-react'
import type { Tab } from '../store/workspace.ts'

/** What an action may look at and act on. */
export interface ActionContext {
  /** The active tab; actions that need one say so in `enabled`. */
  readonly tab: Tab | undefined
}

export type ActionGroup = 'file' | 'edit' | 'add' | 'arrange' | 'view' | 'run' | 'help'

/** Something that a person can do: palette, menus, buttons and shortcuts all come from the one table of these. */
export interface Action {
  /** Stable: settings name it. */
  readonly id: string
  readonly group: ActionGroup
  label(context: ActionContext): string
  readonly icon?: LucideIcon
  /** Words that the palette finds it by, besides its label. */
  readonly keywords?: readonly string[]
  /** Key chords that it has unless the settings say otherwise: "mod+enter"; mod is Ctrl, on a Mac Command. */
  readonly shortcuts?: readonly string[]
  /** The default chords come as events of the browser's own, which the clipboard listens to: here they are only shown. */
  readonly browserShortcuts?: true
  /** Works while a text field has the focus. */
  readonly inFields?: boolean
  enabled?(context: ActionContext): boolean
  perform(context: ActionContext): void | Promise<void>
}
