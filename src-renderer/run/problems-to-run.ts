import { LoomError } from '#core/errors.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { goalsOf, neededBy } from '#core/workflow/goals.ts'
import { makesNothing, problemsOf } from '#core/workflow/validate.ts'
import type { LibraryState } from '../store/library.ts'
import { typedGraphOf } from '../store/typed-graph.ts'

/** The problems that prevent a run, as far as the page knows. Ignores nodes that the run does not need. */
export function problemsToRun(
  workflow: Workflow,
  known: LibraryState['facts'],
  targets?: readonly string[],
): readonly LoomError[] {
  try {
    const graph = typedGraphOf(workflow, known)
    const goals = goalsOf(graph, targets)
    return goals.length > 0 ? problemsOf(graph, neededBy(goals, graph)) : [makesNothing()]
  } catch (error) {
    if (error instanceof LoomError) return [error]
    throw error
  }
}
