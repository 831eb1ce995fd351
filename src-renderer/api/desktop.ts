import type { Desktop } from '#core/protocol/desktop.ts'

declare global {
  interface Window {
    /** Put there by the preload of the desktop window. */
    readonly desktop?: Desktop
  }
}

/** The desktop window that shows the page; undefined in a browser. */
export const desktop: Desktop | undefined = globalThis.window?.desktop
