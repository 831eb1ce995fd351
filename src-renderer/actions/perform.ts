import { showError } from '../ui/notices.ts'
import type { Action, ActionContext } from './action.ts'

/** Performs an action; what it throws is shown to the person. */
export function perform(action: Action, context: ActionContext): void {
  try {
    Promise.resolve(action.perform(context)).catch(showError)
  } catch (error) {
    showError(error)
  }
}
