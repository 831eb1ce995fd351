import type { Plan } from '../plan.ts'
import { isOp, type Step } from '../step.ts'
import { bookedTo, type PlanRewrite } from './rewrite.ts'

/** skip(encoder + adapters) = skip(encoder) + adapters: moves a skip into the encoder's step. The last skip wins. */
export const sunkClipSkip: PlanRewrite = {
  name: 'sunk-clip-skip',
  rewrite(plan, step) {
    const { clip } = step.inputs
    return clip && isOp(step, 'clip-skip') ? sunk(plan, step, clip, step.attributes.skip) : undefined
  },
}

function sunk(plan: Plan, asked: Step, clip: Step, skip: number): Step | undefined {
  const { target } = clip.inputs
  if (isOp(clip, 'text-encoder')) {
    return bookedTo(plan, [asked], plan.step('text-encoder', {}, { ...clip.attributes, skip }))
  }
  const below = target && sunk(plan, asked, target, skip)
  return below && bookedTo(plan, [clip], plan.add(clip, { ...clip.inputs, target: below }))
}
