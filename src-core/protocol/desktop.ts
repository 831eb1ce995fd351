import { z } from 'zod'

/** What the page may ask of the desktop window: verbs, not channels. The preload exposes these and nothing else. */

const item = z.strictObject({
  /** Id of the page's action; absent for a line between items. */
  action: z.string().max(100).optional(),
  label: z.string().max(200),
  /** In Electron's notation; shown only, the page listens to the keys itself. */
  accelerator: z.string().max(50).optional(),
  enabled: z.boolean(),
})
const menu = z.strictObject({ label: z.string().max(100), items: z.array(item).max(100) })
export type DesktopMenu = z.infer<typeof menu>

/** The server's id of a document, or null if the person chose none. */
const chosen = z.string().max(200).nullable()

export const verbs = {
  /** Lets the person choose a workflow on disk. */
  openDocument: { takes: z.tuple([]), gives: chosen },
  /** Lets the person choose where to save the document of this name; the page then saves to the id. */
  choosePlace: { takes: z.tuple([z.string().max(200)]), gives: chosen },
  /** Makes the native menu from the page's actions. */
  setMenu: { takes: z.tuple([z.array(menu).max(20)]), gives: z.null() },
  /** Whether closing the window would leave unsaved work behind. */
  setUnsaved: { takes: z.tuple([z.boolean()]), gives: z.null() },
} as const

export type Verb = keyof typeof verbs
export type VerbTakes<V extends Verb> = z.infer<(typeof verbs)[V]['takes']>
export type VerbGives<V extends Verb> = z.infer<(typeof verbs)[V]['gives']>

/** What the window tells the page, each with one text: the id of an action of the menu, of a document opened from outside. */
export type WindowEvent = 'action' | 'open'

/** What the page sees as `window.desktop`; absent in a browser. */
export type Desktop = { readonly [V in Verb]: (...given: VerbTakes<V>) => Promise<VerbGives<V>> } & {
  /** Returns what ends the listening. */
  listen(event: WindowEvent, listener: (text: string) => void): () => void
}
