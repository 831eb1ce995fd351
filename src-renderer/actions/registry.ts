import { desktop } from '../api/desktop.ts'
import type { Action } from './action.ts'
import { addActions } from './add.ts'
import { arrangeActions } from './arrange.ts'
import { editActions } from './edit.ts'
import { fileActions } from './file.ts'
import { helpActions } from './help.ts'
import { runActions } from './run.ts'
import { viewActions } from './view.ts'
import { windowActions } from './window.ts'

/** All actions in the order of menus: File, Edit and View first, as everywhere. */
export const allActions: readonly Action[] = [
  ...fileActions,
  ...editActions,
  ...viewActions,
  ...addActions,
  ...arrangeActions,
  ...runActions,
  ...helpActions,
  ...windowActions,
]

/** Those that this page can do. */
export const actions = allActions.filter(({ inWindow }) => !inWindow || desktop !== undefined)

/** An action by its id. */
export const actionOf = (id: string): Action | undefined => actions.find((action) => action.id === id)
