import type { RouteBody } from '#core/protocol/routes.ts'

/** A draft as a page sends it, with the revision that it continues. */
export type SentDraft = RouteBody<'saveDraft'>

const prefix = 'latent-loom.draft.'

/** Each page of a browser has a place of its own, because two may hold different texts of one tab. */
const keyOf = ({ id, page = '' }: Pick<SentDraft, 'id' | 'page'>): string => `${prefix}${id} ${page}`

/**
 * Stores a draft in the browser when the page closes before the server has it. A request from a closing page must be
 * small and may arrive after the next page has loaded its drafts. Local storage has neither problem.
 */
export function stash(draft: SentDraft): void {
  try {
    localStorage.setItem(keyOf(draft), JSON.stringify(draft))
  } catch {
    // storage is full; only the pending request remains
  }
}

/** Removes what a page has stored of a tab, because the server has it or the tab is closed. */
export const forgetStash = (draft: Pick<SentDraft, 'id' | 'page'>): void => localStorage.removeItem(keyOf(draft))

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
