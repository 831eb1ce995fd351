import { showError } from '../ui/notices.ts'
import type { Action, ActionContext } from './action.ts'

/** Performs an action and shows its error, if any. */
export function perform(action: Action, context: ActionContext): void {
  try {
    Promise.resolve(action.perform(context)).catch(showError)
  } catch (error) {
    showError(error)
  }
}
