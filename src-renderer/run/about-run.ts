import { LoomError } from '#core/errors.ts'
import { Plan } from '#core/plan/plan.ts'
import { provenanceOf } from '#core/plan/provenance.ts'
import { isOp, type Step } from '#core/plan/step.ts'
import type { JobRequest } from '#core/protocol/jobs.ts'
import { analyse, type TypedGraph } from '#core/workflow/analyse.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { goalsOf } from '#core/workflow/goals.ts'
import { lowerWorkflow } from '#core/workflow/lower.ts'
import { applyOverrides } from '#core/workflow/overrides.ts'
import { axesOf } from '#core/workflow/variations.ts'
import type { LibraryState } from '../store/library.ts'
import { typedGraphOf } from '../store/typed-graph.ts'

/** Maximum length of a prompt in a row of the queue. */
const maxPrompt = 300

/**
 * The prompt and the seed of a run's first picture, as the picture will name them. Of a grid, those of its first cell.
 * Only what draws this picture is lowered, because a run may draw hundreds.
 * @returns undefined for a run that draws nothing, or that has problems
 */
export function aboutRun(
  workflow: Workflow,
  known: LibraryState['facts'],
  targets?: readonly string[],
): JobRequest['about'] {
  const plan = new Plan()
  try {
    const graph = firstCells(typedGraphOf(workflow, known))
    const [goal] = goalsOf(graph, targets)
    if (goal) lowerWorkflow(graph, plan, [goal.node])
  } catch (error) {
    if (error instanceof LoomError) return undefined
    throw error
  }
  const shown = plan.effects.flatMap(({ inputs }) => Object.values(inputs))
  const [first] = [...shown, ...samplingsBehind(shown)].flatMap((step) => provenanceOf(step, 0) ?? [])
  if (!first) return undefined
  const prompt = first.prompt.replaceAll(/\s+/g, ' ').trim().slice(0, maxPrompt)
  return { ...(prompt !== '' && { prompt }), ...(first.seed !== undefined && { seed: first.seed }) }
}

/** The graph without the axes of grids on its top level: what they vary has their first values. */
function firstCells(graph: TypedGraph): TypedGraph {
  const grids = [...graph.nodes].filter(([id]) => Object.hasOwn(graph.workflow.nodes, id))
  const overrides = grids.flatMap(([id, node]) =>
    axesOf(node).flatMap(({ from, input, values: [first = ''] }) => [
      { name: input, value: first },
      { name: `${id}.${from}`, value: '' },
    ]),
  )
  if (overrides.length === 0) return graph
  return analyse(applyOverrides(graph.workflow, graph.catalogue, overrides), graph.catalogue, graph.facts)
}

/** The samplings that steps depend on, those of first inputs first. */
function samplingsBehind(steps: Iterable<Step>, seen = new Set<Step>()): Step[] {
  return [...steps].flatMap((step) => {
    if (seen.has(step)) return []
    seen.add(step)
    return [...(isOp(step, 'sample') ? [step] : []), ...samplingsBehind(Object.values(step.inputs), seen)]
  })
}
