import type { ConditioningEdit } from './conditioning-edit.ts'
import { isOp, type Step, type StepOf } from './step.ts'

/** The step that encodes the first prompt of a conditioning. */
export function firstPrompt(conditioning: Step | undefined): StepOf<'encode-prompt'> | undefined {
  return madeBy(conditioning).find((step) => isOp(step, 'encode-prompt'))
}

/** The last edit of a kind between a conditioning and its first prompt. */
export function lastEdit(
  conditioning: Step | undefined,
  kind: ConditioningEdit['kind'],
): StepOf<'edit-conditioning'> | undefined {
  return madeBy(conditioning)
    .filter((step) => isOp(step, 'edit-conditioning'))
    .find(({ attributes: { edit } }) => edit.kind === kind)
}

/** The steps from a conditioning back to its first prompt. */
function madeBy(conditioning: Step | undefined): Step[] {
  const steps: Step[] = []
  for (let step = conditioning; step; step = step.inputs.conditioning ?? step.inputs.first) steps.push(step)
  return steps
}
