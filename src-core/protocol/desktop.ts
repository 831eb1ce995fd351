import { z } from 'zod'

/** The calls that the page may make to the desktop window. The preload script exposes these and nothing else. */

const item = z.strictObject({
  /** Id of the page's action; absent for a separator. */
  action: z.string().max(100).optional(),
  label: z.string().max(200),
  /** In Electron's notation. It is only shown: the page handles the keys itself. */
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
  /** Lets the person choose where to save the document of this name. The page then saves to the returned id. */
  choosePlace: { takes: z.tuple([z.string().max(200)]), gives: chosen },
  /** Builds the native menu from the page's actions. */
  setMenu: { takes: z.tuple([z.array(menu).max(20)]), gives: z.null() },
  /** Tells whether closing the window would lose unsaved work. */
  setUnsaved: { takes: z.tuple([z.boolean()]), gives: z.null() },
} as const

export type Verb = keyof typeof verbs
export type VerbTakes<V extends Verb> = z.infer<(typeof verbs)[V]['takes']>
export type VerbGives<V extends Verb> = z.infer<(typeof verbs)[V]['gives']>

/** Events that the window sends to the page, with an id: of a menu action, or of a document opened from outside. */
export type WindowEvent = 'action' | 'open'

/** The type of `window.desktop` in the page; absent in a browser. */
export type Desktop = { readonly [V in Verb]: (...given: VerbTakes<V>) => Promise<VerbGives<V>> } & {
  /** Returns a function that removes the listener. */
  listen(event: WindowEvent, listener: (text: string) => void): () => void
}
