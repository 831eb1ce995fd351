import type { TabDraft } from '#core/protocol/routes.ts'

const prefix = 'latent-loom.draft.'

/**
 * Stores a draft in the browser when the page closes before the server has it. A request from a closing page must be
 * small and may arrive after the next page has loaded its drafts. Local storage has neither problem.
 */
export function stash(draft: TabDraft): void {
  try {
    localStorage.setItem(prefix + draft.id, JSON.stringify(draft))
  } catch {
    // storage is full; only the pending request remains
  }
}

/** Removes a draft that the server has. A newer draft stays. */
export function unstash(draft: TabDraft): void {
  const key = prefix + draft.id
  if (localStorage.getItem(key) === JSON.stringify(draft)) localStorage.removeItem(key)
}

/** Removes the draft of a closed tab. */
export const forgetStash = (id: string): void => localStorage.removeItem(prefix + id)

/** @param read parses a stored draft; undefined if it is invalid */
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
