import { applyPatches, enablePatches, type Patch, produceWithPatches } from 'immer'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Workflow } from '#core/workflow/document.ts'
import type { Command } from './command.ts'

enablePatches()

/** Commands of one group that follow each other within this time, in milliseconds, are one step of undo. */
const groupPause = 1500

/** Steps of undo that are kept. */
const maxPast = 1000

/** One step of undo. */
export interface Change {
  readonly label: string
  readonly group: string | undefined
  readonly at: number
  readonly patches: readonly Patch[]
  readonly inverse: readonly Patch[]
  readonly select: readonly string[] | undefined
}

export interface DocumentState {
  readonly workflow: Workflow
  readonly past: readonly Change[]
  readonly future: readonly Change[]
  /** The workflow as the file holds it; undefined if no file does. */
  readonly saved: Workflow | undefined
}

/** The document of one tab: the canonical state, changed by commands alone. */
export interface DocumentStore extends StoreApi<DocumentState> {
  /** Applies a command; one that changes nothing leaves no step of undo. */
  commit(command: Command): void
  /** Ends the group under way: the next command is a step of its own. */
  endGroup(): void
  undo(): Change | undefined
  redo(): Change | undefined
  /** The file holds this workflow now. */
  markSaved(workflow: Workflow | undefined): void
  isUnsaved(): boolean
}

/** @param saved what a file holds of it, if one does */
export function createDocumentStore(workflow: Workflow, saved?: Workflow): DocumentStore {
  const store = createStore<DocumentState>(() => ({ workflow, past: [], future: [], saved }))
  let groupOpen = false

  function commit(command: Command): void {
    const { workflow, past } = store.getState()
    const [next, patches, inverse] = produceWithPatches(workflow, (draft: Workflow) => command.apply(draft))
    if (patches.length === 0) return
    const at = Date.now()
    const last = past.at(-1)
    const { label, group, select } = command
    const joins = groupOpen && last && group !== undefined && last.group === group && at - last.at < groupPause
    const change: Change = joins
      ? {
          label,
          group,
          at,
          patches: [...last.patches, ...patches],
          inverse: [...inverse, ...last.inverse],
          select: select ?? last.select,
        }
      : { label, group, at, patches, inverse, select }
    groupOpen = true
    store.setState({
      workflow: next,
      past: [...(joins ? past.slice(0, -1) : past), change].slice(-maxPast),
      future: [],
    })
  }

  function undo(): Change | undefined {
    const { workflow, past, future } = store.getState()
    const change = past.at(-1)
    if (!change) return undefined
    groupOpen = false
    store.setState({
      workflow: applyPatches(workflow, change.inverse),
      past: past.slice(0, -1),
      future: [change, ...future],
    })
    return change
  }

  function redo(): Change | undefined {
    const { workflow, past, future } = store.getState()
    const [change, ...rest] = future
    if (!change) return undefined
    groupOpen = false
    store.setState({ workflow: applyPatches(workflow, change.patches), past: [...past, change], future: rest })
    return change
  }

  return {
    ...store,
    commit,
    endGroup: () => {
      groupOpen = false
    },
    undo,
    redo,
    markSaved: (saved) => store.setState({ saved }),
    isUnsaved: () => {
      const { workflow, saved } = store.getState()
      return workflow !== saved
    },
  }
}
