import type { WebContents } from 'electron'
import type { Verb, WindowEvent, WindowEvents } from '#core/protocol/desktop.ts'

/** Names only, so that the preload script contains no schemas: the main process checks the arguments. */
export const verbNames = Object.keys({
  openDocument: true,
  choosePlace: true,
  takeOpened: true,
  takeImported: true,
  setMenu: true,
  setUnsaved: true,
  setSettings: true,
  perform: true,
  setProgress: true,
  tellEnd: true,
  showInFolder: true,
  dragPicture: true,
} satisfies Record<Verb, true>) as Verb[]

export const verbChannel = (verb: Verb): string => `verb:${verb}`
export const eventChannel = (event: WindowEvent): string => `event:${event}`

/** Sends an event to the page. */
export function tellPage<E extends WindowEvent>(page: WebContents, event: E, what: WindowEvents[E]): void {
  page.send(eventChannel(event), what)
}
