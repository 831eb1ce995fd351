import { produce } from 'immer'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Workflow } from '#core/workflow/document.ts'
import type { Command } from './command.ts'
import type { ItemKey } from './graph.ts'

/** Maximum milliseconds between commands of a group in one undo step. */
const groupPause = 1500

/** Limits of the history: number of undo steps, and their approximate memory. */
const maxPast = 1000
const maxBytes = 128 * 1024 * 1024

/** An undo step. Versions share unchanged parts, so a step takes little memory beyond its change. */
export interface Change {
  readonly label: string
  readonly group: string | undefined
  readonly at: number
  readonly before: Workflow
  readonly after: Workflow
  /** The selection before and after; undefined: unknown. */
  readonly selectBefore: readonly ItemKey[] | undefined
  readonly select: readonly ItemKey[] | undefined
  /** Approximate memory. */
  readonly bytes: number
}

export interface DocumentState {
  readonly workflow: Workflow
  readonly past: readonly Change[]
  readonly future: readonly Change[]
  /** The saved workflow; undefined without a file. */
  readonly saved: Workflow | undefined
}

/** The document of a tab. Only commands change it. */
export interface DocumentStore extends StoreApi<DocumentState> {
  /**
   * Applies a command. A command that changes nothing adds no undo step.
   * @param selection the current selection, which undo restores
   */
  commit(command: Command, selection?: Iterable<ItemKey>): void
  /**
   * Changes the document without a step. What a run changes is nobody's edit: undo and redo leave it as it is.
   */
  amend(apply: Command['apply']): void
  /** Ends the current group, so that the next command starts a new step. */
  endGroup(): void
  undo(): Change | undefined
  redo(): Change | undefined
  /** Records the workflow that the file now contains. */
  markSaved(workflow: Workflow | undefined): void
  isUnsaved(): boolean
}

/** @param saved the workflow in the file, if there is one */
export function createDocumentStore(workflow: Workflow, saved?: Workflow): DocumentStore {
  const store = createStore<DocumentState>(() => ({ workflow, past: [], future: [], saved }))
  let groupOpen = false

  function commit(command: Command, selection?: Iterable<ItemKey>): void {
    const { workflow, past } = store.getState()
    const next = produce(workflow, (edited: Workflow) => command.apply(edited))
    if (next === workflow) return
    const at = Date.now()
    const { label, group } = command
    const last = past.at(-1)
    const joins = groupOpen && group !== undefined && last?.group === group && at - last.at < groupPause
    const before = joins ? carried(workflow, last.after, last.before) : workflow
    const change: Change = {
      label,
      group,
      at,
      before,
      after: next,
      selectBefore: joins ? last.selectBefore : selection && [...selection],
      select: command.select ?? (joins ? last.select : undefined),
      bytes: heldBy(before, next),
    }
    groupOpen = true
    store.setState({ workflow: next, past: kept([...(joins ? past.slice(0, -1) : past), change]), future: [] })
  }

  function amend(apply: Command['apply']): void {
    const { workflow } = store.getState()
    const next = produce(workflow, (edited: Workflow) => apply(edited))
    if (next !== workflow) store.setState({ workflow: next })
  }

  function undo(): Change | undefined {
    const { workflow, past, future } = store.getState()
    const change = past.at(-1)
    if (!change) return undefined
    groupOpen = false
    const before = carried(workflow, change.after, change.before)
    store.setState({ workflow: before, past: past.slice(0, -1), future: [change, ...future] })
    return change
  }

  function redo(): Change | undefined {
    const { workflow, past, future } = store.getState()
    const [change, ...rest] = future
    if (!change) return undefined
    groupOpen = false
    const after = carried(workflow, change.before, change.after)
    store.setState({ workflow: after, past: [...past, change], future: rest })
    return change
  }

  return {
    ...store,
    commit,
    amend,
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

/**
 * A version of the document with what was amended since another one.
 * @param present the document as it is
 * @param recorded the same version as its step has it; the two differ by amendments alone
 * @param target the version before or after the step. What the step changed stays as it is there.
 */
function carried<T>(present: T, recorded: T, target: T): T {
  if (present === recorded) return target
  if (target === recorded) return present
  if (!isRecord(present) || !isRecord(recorded) || !isRecord(target)) return target
  const result: Record<string, unknown> & T = { ...target }
  for (const [key, value] of Object.entries(present)) {
    const kept = carried(value, recorded[key], target[key])
    if (kept !== undefined) Object.assign(result, { [key]: kept })
  }
  return result
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The newest steps within the limits, at least one. */
function kept(changes: readonly Change[]): readonly Change[] {
  let first = Math.max(0, changes.length - maxPast)
  let bytes = changes.slice(first).reduce((sum, change) => sum + change.bytes, 0)
  for (; bytes > maxBytes && first < changes.length - 1; first += 1) bytes -= changes[first]?.bytes ?? 0
  return first === 0 ? changes : changes.slice(first)
}

/** Approximate memory of a version, without the parts that it shares with another. */
function heldBy(value: unknown, other: unknown): number {
  if (Object.is(value, other)) return 0
  if (typeof value === 'string') return 2 * value.length
  if (typeof value !== 'object' || value === null) return 0
  const others = typeof other === 'object' && other !== null ? other : {}
  let bytes = 24
  for (const [key, item] of Object.entries(value)) {
    bytes += 24 + heldBy(item, Object.hasOwn(others, key) ? Reflect.get(others, key) : undefined)
  }
  return bytes
}
