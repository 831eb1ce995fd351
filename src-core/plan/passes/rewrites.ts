import { firstPrompt, lastEdit } from '../first-prompt.ts'
import type { Plan } from '../plan.ts'
import { isOp, type Step, type StepOf } from '../step.ts'
import { sunkClipSkip } from './clip-skip.ts'
import { bookedTo, type PlanRewrite } from './rewrite.ts'

/** Facts about files that the rewrites use. Unknown counts as false. */
export interface ModelFacts {
  /** Whether a checkpoint's UNet takes the guidance scale as an input (a full LCM). */
  takesGuidance(file: string): boolean
  /** Whether its UNet was trained with zeros for "no text" (SDXL). Otherwise with the empty prompt. */
  zeroForNoText(file: string): boolean
}

/** W + 0 * up @ down = W */
export const zeroLora: PlanRewrite = {
  name: 'zero-lora',
  rewrite: (_plan, step) =>
    isOp(step, 'apply-lora') && step.attributes.strength === 0 ? step.inputs.target : undefined,
}

/**
 * (W + a D1) + b D2 = (W + b D2) + a D1 and (W + a D) + b D = W + (a + b) D: sorts adapters and merges equal ones. All
 * wirings of the same sum then share a session.
 */
const sortedLoras: PlanRewrite = {
  name: 'sorted-loras',
  rewrite(plan, step) {
    if (!isOp(step, 'apply-lora')) return undefined
    const inner: Step = step.inputs.target
    if (!isOp(inner, 'apply-lora')) return undefined
    const below = inner.inputs.target
    const { file, strength } = step.attributes
    if (inner.attributes.file < file) return undefined
    if (inner.attributes.file === file) {
      const sum = { file, strength: inner.attributes.strength + strength }
      return bookedTo(plan, [inner, step], plan.step('apply-lora', { target: below }, sum))
    }
    const lower = bookedTo(plan, [step], plan.step('apply-lora', { target: below }, step.attributes))
    const target = this.rewrite(plan, lower) ?? lower
    return bookedTo(plan, [inner], plan.add(inner, { target }))
  },
}

/** Whether a sampling uses a negative prompt: not at guidance 1, and not with a guidance embedding. */
function usesNegative(step: StepOf<'sample'>, facts: ModelFacts): boolean {
  return step.attributes.guidance !== 1 && !facts.takesGuidance(checkpointOf(step))
}

/** uncond + 1 * (cond - uncond) = cond: an unused negative prompt need not be encoded. */
function unusedNegative(facts: ModelFacts): PlanRewrite {
  return {
    name: 'unused-negative',
    rewrite(plan, step) {
      if (!isOp(step, 'sample') || !step.inputs.negative || usesNegative(step, facts)) return undefined
      return plan.step('sample', { ...step.inputs, negative: undefined }, step.attributes)
    },
  }
}

/** Fills in a missing negative prompt: zeros with the positive's sizes, or the empty prompt. */
function emptyNegative(facts: ModelFacts): PlanRewrite {
  return {
    name: 'empty-negative',
    rewrite(plan, step) {
      if (!isOp(step, 'sample') || step.inputs.negative || !usesNegative(step, facts)) return undefined
      const { positive } = step.inputs
      const prompt = firstPrompt(positive)
      if (!prompt) return undefined
      const negative = facts.zeroForNoText(checkpointOf(step))
        ? plan.step('edit-conditioning', { conditioning: sizedAs(plan, positive, prompt) }, { edit: { kind: 'zero' } })
        : plan.step('encode-prompt', prompt.inputs, { text: '' })
      return plan.step('sample', { ...step.inputs, negative: bookedTo(plan, [step], negative) }, step.attributes)
    },
  }
}

/** A prompt with the size conditioning that `conditioning` was last given. */
function sizedAs(plan: Plan, conditioning: Step, prompt: Step<'conditioning'>): Step<'conditioning'> {
  const sized = lastEdit(conditioning, 'size')
  return sized ? plan.step('edit-conditioning', { conditioning: prompt }, sized.attributes) : prompt
}

/** The rewrites before placement. Adapters of strength 0 stay, because they may become live. */
export function planRewrites(facts: ModelFacts): readonly PlanRewrite[] {
  return [sunkClipSkip, sortedLoras, unusedNegative(facts), emptyNegative(facts)]
}

/** The file of a sampling's UNet. */
function checkpointOf(sample: StepOf<'sample'>): string {
  let step = sample.inputs.session.inputs.of
  while (step?.inputs.target) step = step.inputs.target
  return step && isOp(step, 'unet') ? step.attributes.file : ''
}
