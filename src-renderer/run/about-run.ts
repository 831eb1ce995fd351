import { LoomError } from '#core/errors.ts'
import { Plan } from '#core/plan/plan.ts'
import { provenanceOf } from '#core/plan/provenance.ts'
import { isOp, type Step } from '#core/plan/step.ts'
import type { JobRequest } from '#core/protocol/jobs.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { lowerWorkflow } from '#core/workflow/lower.ts'
import type { LibraryState } from '../store/library.ts'
import { typedGraphOf } from '../store/typed-graph.ts'

/** Maximum length of a prompt in a row of the queue. */
const maxPrompt = 300

/**
 * The prompt and the seed of a run's first picture, as the picture will name them. Of a grid, those of its first cell.
 * @returns undefined for a run that draws nothing, or that has problems
 */
export function aboutRun(
  workflow: Workflow,
  known: LibraryState['facts'],
  targets?: readonly string[],
): JobRequest['about'] {
  const plan = new Plan()
  try {
    lowerWorkflow(typedGraphOf(workflow, known), plan, targets)
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

/** The samplings that steps depend on, those of first inputs first. */
function samplingsBehind(steps: Iterable<Step>, seen = new Set<Step>()): Step[] {
  return [...steps].flatMap((step) => {
    if (seen.has(step)) return []
    seen.add(step)
    return [...(isOp(step, 'sample') ? [step] : []), ...samplingsBehind(Object.values(step.inputs), seen)]
  })
}
