import type { Action } from './action.ts'
import { addActions } from './add.ts'
import { arrangeActions } from './arrange.ts'
import { editActions } from './edit.ts'
import { fileActions } from './file.ts'
import { helpActions } from './help.ts'
import { runActions } from './run.ts'
import { viewActions } from './view.ts'

/** All actions in the order of menus. */
export const actions: readonly Action[] = [
  ...fileActions,
  ...editActions,
  ...addActions,
  ...arrangeActions,
  ...viewActions,
  ...runActions,
  ...helpActions,
]

/** An action by its id. */
export const actionOf = (id: string): Action | undefined => actions.find((action) => action.id === id)
