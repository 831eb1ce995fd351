import { nanoid } from 'nanoid'
import { createStore } from 'zustand/vanilla'
import { LoomError } from '#core/errors.ts'
import { Unreachable } from '../api/client.ts'
import { t } from '../strings/t.ts'

/** A button of a notice. */
export interface NoticeAction {
  readonly label: string
  perform(): void | Promise<void>
}

export interface Notice {
  readonly id: string
  readonly kind: 'info' | 'success' | 'warning' | 'error'
  readonly message: string
  /** Advice what to do. */
  readonly hint?: string
  readonly actions?: readonly NoticeAction[]
  /** Stays until it is dismissed. */
  readonly persistent?: boolean
}

/** The shown notices, newest last. */
export const notices = createStore<readonly Notice[]>(() => [])

/** Maximum number of notices. The oldest are removed. */
const maxNotices = 5

/** Shows a notice. Replaces a notice with the same id in place. Returns the id. */
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

/** Id of the notice that the server does not answer. */
export const unreachableNotice = 'unreachable'

/**
 * Shows an error as a notice with advice.
 * @param id id of the notice, which the next notice with this id replaces
 */
export function showError(thrown: unknown, id?: string): void {
  const said = thrown instanceof LoomError ? thrown : internal(thrown)
  const place = thrown instanceof Unreachable ? unreachableNotice : id
  notify({
    kind: 'error',
    message: said.message,
    ...(said.hint !== undefined && { hint: said.hint }),
    ...(place !== undefined && { id: place }),
  })
}

const internal = (thrown: unknown): LoomError =>
  new LoomError(
    'internal',
    t('shell.notices.internal', { message: thrown instanceof Error ? thrown.message : String(thrown) }),
  )
