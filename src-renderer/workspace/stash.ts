import type { TabDraft } from '#core/protocol/routes.ts'

const prefix = 'latent-loom.draft.'

/**
 * Drafts that the page could not hand to the server before it went: the browser keeps them until the page is there again. A request
 * that is sent while a page closes has to be small, and may come after the next page asked; what is stored here is neither.
 */
export function stash(draft: TabDraft): void {
  try {
    localStorage.setItem(prefix + draft.id, JSON.stringify(draft))
  } catch {
    // The browser has no room; the request on its way is what is left.
  }
}

/** The server has this draft now; a newer one that was stored meanwhile stays. */
export function unstash(draft: TabDraft): void {
  const key = prefix + draft.id
  if (localStorage.getItem(key) === JSON.stringify(draft)) localStorage.removeItem(key)
}

/** The tab was closed. */
export const forgetStash = (id: string): void => localStorage.removeItem(prefix + id)

/** @param read makes a draft of what was stored, or nothing if it is none */
export function stashed(read: (stored: unknown) => TabDraft | undefined): TabDraft[] {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(prefix))
    .flatMap((key) => {
      try {
        return read(JSON.parse(localStorage.getItem(key) ?? '')) ?? []
      } catch {
        return []
      }
    })
}
