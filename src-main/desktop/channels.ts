import type { Desktop, Verb } from '#core/protocol/desktop.ts'

/** Names only, so that the preload script contains no schemas: the main process checks the arguments. */
export const verbNames = Object.keys({
  openDocument: true,
  choosePlace: true,
  setMenu: true,
  setUnsaved: true,
} satisfies Record<Verb, true>) as Verb[]

export const verbChannel = (verb: Verb): string => `verb:${verb}`
export const eventChannel = (event: Parameters<Desktop['listen']>[0]): string => `event:${event}`
