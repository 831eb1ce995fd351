import type { Command } from '../store/command.ts'
import { commitTo } from '../store/context.ts'
import { type ItemKey, itemOf } from '../store/graph.ts'
import { type Shown, shownIn } from '../store/shown.ts'
import type { Tab } from '../store/workspace.ts'
import type { Action, ActionContext } from './action.ts'

/** The state of the active tab for actions. */
export interface Scene extends Shown {
  readonly tab: Tab
  readonly selection: readonly ItemKey[]
  /** Ids of the selected nodes. */
  readonly nodes: readonly string[]
}

export function sceneOf(tab: Tab): Scene {
  const selection = [...tab.view.getState().selection]
  return {
    ...shownIn(tab),
    tab,
    selection,
    nodes: selection.filter((key) => itemOf(key).kind === 'node'),
  }
}

type Enabled = (context: ActionContext) => boolean

export const hasTab: Enabled = ({ tab }) => tab !== undefined
export const hasSelection: Enabled = ({ tab }) => (tab?.view.getState().selection.size ?? 0) > 0
export const hasNodes: Enabled = ({ tab }) => tab !== undefined && sceneOf(tab).nodes.length > 0
export const hasOneNode: Enabled = ({ tab }) => tab !== undefined && sceneOf(tab).nodes.length === 1
export const hasSeveral: Enabled = ({ tab }) => (tab?.view.getState().selection.size ?? 0) > 1

/** An action on the active tab. Does nothing without one. */
export const withScene =
  (work: (scene: Scene) => void | Promise<void>): Action['perform'] =>
  ({ tab }) =>
    tab && work(sceneOf(tab))

/** An action that commits a command to the active tab. */
export const committing = (make: (scene: Scene) => Command | undefined): Action['perform'] =>
  withScene((scene) => {
    const command = make(scene)
    if (command) commitTo(scene.tab, command)
  })
