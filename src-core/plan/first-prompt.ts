import type { ConditioningEdit } from './conditioning-edit.ts'
import { isOp, type Step } from './step.ts'

/**
 * The step that encodes the first prompt of a conditioning, or, if it comes before, an edit of that kind.
 * @param conditioning what prompts were made into, by edits and combinations
 */
export function firstPrompt(conditioning: Step | undefined, edit?: ConditioningEdit['kind']): Step | undefined {
  let step = conditioning
  while (step && !isOp(step, 'encode-prompt')) {
    if (isOp(step, 'edit-conditioning') && step.attributes.edit.kind === edit) return step
    step = step.inputs.conditioning ?? step.inputs.first
  }
  return step
}
