import type { RouteBody } from '#core/protocol/routes.ts'

/** A draft as a page sends it, with the revision that it continues. */
export type SentDraft = RouteBody<'saveDraft'>

const prefix = 'latent-loom.draft.'

/**
 * Stores a draft in the browser when the page closes before the server has it. A request from a closing page must be
 * small and may arrive after the next page has loaded its drafts. Local storage has neither problem.
 */
export function stash(draft: SentDraft): void {
  try {
    localStorage.setItem(prefix + draft.id, JSON.stringify(draft))
  } catch {
    // storage is full; only the pending request remains
  }
}

/** Removes the draft of a tab, because the server has it or the tab is closed. */
export const forgetStash = (id: string): void => localStorage.removeItem(prefix + id)

/** @param read parses a stored draft; undefined if it is invalid */
export function stashed(read: (stored: unknown) => SentDraft | undefined): SentDraft[] {
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
