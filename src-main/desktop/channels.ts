import type { Desktop, Verb } from '#core/protocol/desktop.ts'

/** Names alone, so that the preload carries no schemas: the main process is where payloads are checked. */
export const verbNames = Object.keys({
  openDocument: true,
  choosePlace: true,
  setMenu: true,
  setUnsaved: true,
} satisfies Record<Verb, true>) as Verb[]

export const verbChannel = (verb: Verb): string => `verb:${verb}`
export const eventChannel = (event: Parameters<Desktop['listen']>[0]): string => `event:${event}`
