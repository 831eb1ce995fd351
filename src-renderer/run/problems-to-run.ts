import { LoomError } from '#core/errors.ts'
import type { Facts } from '#core/types/facts.ts'
import { analyse } from '#core/workflow/analyse.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { goalsOf, neededBy } from '#core/workflow/goals.ts'
import { makesNothing, problemsOf } from '#core/workflow/validate.ts'
import { catalogue } from '#nodes/catalogue.ts'

/** What keeps a document from running, as far as the page can tell; of nodes that the run does not need nothing counts. */
export function problemsToRun(workflow: Workflow, facts: Facts, targets?: readonly string[]): readonly LoomError[] {
  try {
    const graph = analyse(workflow, catalogue, facts)
    const goals = goalsOf(graph, targets)
    return goals.length > 0 ? problemsOf(graph, neededBy(goals, graph), facts) : [makesNothing()]
  } catch (error) {
    if (error instanceof LoomError) return [error]
    throw error
  }
}
