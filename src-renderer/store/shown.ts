import type { Workflow } from '#core/workflow/document.ts'
import { type Graph, graphAt, type Level } from './graph.ts'
import { levelOf } from './view-store.ts'
import type { Tab } from './workspace.ts'

/** The graph that a tab's canvas shows. */
export interface Shown {
  readonly workflow: Workflow
  readonly level: Level
  /** Undefined if the subgraph no longer exists. */
  readonly graph: Graph | undefined
}

export function shownIn({ document, view }: Pick<Tab, 'document' | 'view'>): Shown {
  const { workflow } = document.getState()
  const level = levelOf(view.getState())
  return { workflow, level, graph: graphAt(workflow, level) }
}
