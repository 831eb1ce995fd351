import type { Desktop } from '#core/protocol/desktop.ts'

declare global {
  interface Window {
    /** Set by the preload script of the desktop window. */
    readonly desktop?: Desktop
  }
}

/** The desktop window of the page; undefined in a browser. */
export const desktop: Desktop | undefined = globalThis.window?.desktop
