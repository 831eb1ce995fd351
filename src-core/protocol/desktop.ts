import { z } from 'zod'

/** The calls that the page may make to the desktop window. The preload script exposes these and nothing else. */

/** The server's id of a document or a picture. */
const id = z.string().max(200)

const item = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('action'),
    /** Id of the page's action. */
    action: z.string().max(100),
    label: z.string().max(200),
    /** In Electron's notation. It is only shown: the page handles the keys itself. */
    accelerator: z.string().max(50).optional(),
    enabled: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('separator') }),
  /** A menu of documents. */
  z.strictObject({
    kind: z.literal('documents'),
    label: z.string().max(200),
    documents: z.array(z.strictObject({ id, label: z.string().max(1000) })).max(20),
  }),
])
const menu = z.strictObject({ label: z.string().max(100), items: z.array(item).max(100) })
export type DesktopMenu = z.infer<typeof menu>

/** What a menu does in a text field: what the browser does there at the same keys. */
const textCommands = ['undo', 'redo', 'cut', 'copy', 'paste', 'delete', 'selectAll'] as const
export type TextCommand = (typeof textCommands)[number]

/** What only the window can do. */
const windowCommand = z.enum([
  ...textCommands,
  'larger',
  'smaller',
  'usualSize',
  'fullScreen',
  'showPictures',
  'showLog',
  'lookForUpdate',
])
export type WindowCommand = z.infer<typeof windowCommand>

/** Settings of the page that the window follows. It keeps them for its next start. */
export const windowSettings = z.strictObject({
  theme: z.enum(['dark', 'light', 'system']),
  /** Checks the spelling in prompts. */
  spelling: z.boolean(),
})
export type WindowSettings = z.infer<typeof windowSettings>

/** What a link had downloaded: a file of any kind that can be opened. */
const imported = z.strictObject({ title: z.string().max(200), content: z.instanceof(Uint8Array) })
export type Imported = z.infer<typeof imported>

/** The server's id of a document, or null if the person chose none. */
const chosen = id.nullable()

export const verbs = {
  /** Lets the person choose a workflow on disk. */
  openDocument: { takes: z.tuple([]), gives: chosen },
  /**
   * Lets the person choose where to save the document of this name. The page then saves to the returned id, under the name
   * that was chosen.
   */
  choosePlace: { takes: z.tuple([z.string().max(200)]), gives: z.strictObject({ id, name: z.string() }).nullable() },
  /** The documents that were opened from outside since the last call: by a double click, or a second start. */
  takeOpened: { takes: z.tuple([]), gives: z.array(id) },
  /** What links have brought since the last call. */
  takeImported: { takes: z.tuple([]), gives: z.array(imported) },
  /** Builds the native menu from the page's actions: File first, Help last. */
  setMenu: { takes: z.tuple([z.array(menu).max(20)]), gives: z.null() },
  /** Tells whether closing the window would lose unsaved work. */
  setUnsaved: { takes: z.tuple([z.boolean()]), gives: z.null() },
  setSettings: { takes: z.tuple([windowSettings]), gives: z.null() },
  perform: { takes: z.tuple([windowCommand]), gives: z.null() },
  /** Shows the progress of the running job, 0 to 1, where the system lists programs; null if nothing runs. */
  setProgress: { takes: z.tuple([z.number().min(0).max(1).nullable()]), gives: z.null() },
  /** Tells the person of something that ended, unless they look at the window. */
  tellEnd: {
    takes: z.tuple([z.strictObject({ title: z.string().max(200), body: z.string().max(500) })]),
    gives: z.null(),
  },
  /** Shows the file of a picture or a document in the system's file manager. */
  showInFolder: { takes: z.tuple([z.enum(['picture', 'document']), id]), gives: z.null() },
  /** Begins to drag the file of a picture, as a file manager does. */
  dragPicture: { takes: z.tuple([id]), gives: z.null() },
} as const

export type Verb = keyof typeof verbs
export type VerbTakes<V extends Verb> = z.infer<(typeof verbs)[V]['takes']>
export type VerbGives<V extends Verb> = z.infer<(typeof verbs)[V]['gives']>

/** Events that the window sends to the page, and what comes with each. */
export interface WindowEvents {
  /** The id of an action that was chosen in a menu. */
  readonly action: string
  /** The id of a document to open. */
  readonly open: string
  /** There are documents to take. */
  readonly opened: null
  /** There is something imported to take. */
  readonly imported: null
}
export type WindowEvent = keyof WindowEvents

/** The type of `window.desktop` in the page; absent in a browser. */
export type Desktop = { readonly [V in Verb]: (...given: VerbTakes<V>) => Promise<VerbGives<V>> } & {
  /** Returns a function that removes the listener. */
  listen<E extends WindowEvent>(event: E, listener: (what: WindowEvents[E]) => void): () => void
}
