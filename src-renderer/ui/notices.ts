import { nanoid } from 'nanoid'
import { createStore } from 'zustand/vanilla'
import { LoomError } from '#core/errors.ts'
import { t } from '../strings/t.ts'

/** Something that a person can do about a notice. */
interface NoticeAction {
  readonly label: string
  perform(): void | Promise<void>
}

export interface Notice {
  readonly id: string
  readonly kind: 'info' | 'success' | 'warning' | 'error'
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
  readonly actions?: readonly NoticeAction[]
  /** Stays until it is dismissed. */
  readonly persistent?: boolean
}

/** What the editor has to say, the newest last. */
export const notices = createStore<readonly Notice[]>(() => [])

/** More than these at once nobody reads; the oldest go. */
const maxNotices = 5

/** Says something; a notice of the same id is replaced where it is. Returns its id. */
export function notify(given: Omit<Notice, 'id'> & { readonly id?: string }): string {
  const notice = { ...given, id: given.id ?? nanoid() }
  const shown = notices.getState()
  const place = shown.findIndex(({ id }) => id === notice.id)
  notices.setState(place < 0 ? [...shown, notice].slice(-maxNotices) : shown.with(place, notice), true)
  return notice.id
}

export function dismiss(id: string): void {
  const left = notices.getState().filter((notice) => notice.id !== id)
  if (left.length !== notices.getState().length) notices.setState(left, true)
}

/**
 * Shows what was thrown as a sentence and what to do about it.
 * @param id of the notice: the next one of this id replaces it
 */
export function showError(thrown: unknown, id?: string): void {
  const said = thrown instanceof LoomError ? thrown : internal(thrown)
  notify({
    kind: 'error',
    message: said.message,
    ...(said.hint !== undefined && { hint: said.hint }),
    ...(id !== undefined && { id }),
  })
}

const internal = (thrown: unknown): LoomError =>
  new LoomError(
    'internal',
    t('shell.notices.internal', { message: thrown instanceof Error ? thrown.message : String(thrown) }),
  )
