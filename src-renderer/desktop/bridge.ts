import type { Desktop } from '#core/protocol/desktop.ts'

declare global {
  /** Put there by the preload of the desktop window. */
  var desktop: Desktop | undefined
}

/** The desktop window that shows the page; undefined in a browser. */
export const desktop: Desktop | undefined = globalThis.desktop
