import { isOp, type Step } from '../step.ts'
import type { PlanRule } from './rewrite.ts'

/** What the rules need to know of files; unknown counts as no. */
export interface ModelFacts {
  /** Whether the UNet of a checkpoint takes guidance as an input (a full LCM). */
  takesGuidance(file: string): boolean
}

/** W + 0 * up @ down = W */
const zeroLora: PlanRule = {
  name: 'zero-lora',
  rewrite: (_plan, step) =>
    isOp(step, 'apply-lora') && step.attributes.strength === 0 ? step.inputs.target : undefined,
}

/** (W + a D1) + b D2 = (W + b D2) + a D1: one order, so that both wirings share a session. */
const sortedLoras: PlanRule = {
  name: 'sorted-loras',
  rewrite(plan, step) {
    const inner = step.inputs.target
    if (!isOp(step, 'apply-lora') || !inner || !isOp(inner, 'apply-lora')) return undefined
    if (inner.attributes.file <= step.attributes.file) return undefined
    const below = inner.inputs.target
    if (!below) return undefined
    const first = plan.step('apply-lora', { target: below }, step.attributes)
    const target = this.rewrite(plan, first) ?? first
    return plan.step('apply-lora', { target }, inner.attributes)
  },
}

/** (W + a D) + b D = W + (a + b) D */
const sameLora: PlanRule = {
  name: 'same-lora',
  rewrite(plan, step) {
    const inner = step.inputs.target
    if (!isOp(step, 'apply-lora') || !inner || !isOp(inner, 'apply-lora')) return undefined
    if (inner.attributes.file !== step.attributes.file || !inner.inputs.target) return undefined
    const strength = inner.attributes.strength + step.attributes.strength
    return plan.step('apply-lora', { target: inner.inputs.target }, { file: step.attributes.file, strength })
  },
}

/** uncond + 1 * (cond - uncond) = cond, and a guidance embedding knows no negative: its prompt need not be encoded. */
function unusedNegative(facts: ModelFacts): PlanRule {
  return {
    name: 'unused-negative',
    rewrite(plan, step) {
      if (!isOp(step, 'sample') || !step.inputs.negative) return undefined
      if (step.attributes.guidance !== 1 && !facts.takesGuidance(checkpointOf(step))) return undefined
      const { negative: _, ...inputs } = step.inputs
      return plan.step('sample', inputs, step.attributes)
    },
  }
}

/** The plan's passes in their order. */
export function planRules(facts: ModelFacts): readonly PlanRule[] {
  return [zeroLora, sortedLoras, sameLora, unusedNegative(facts)]
}

/** The file whose UNet a sampling runs. */
function checkpointOf(sample: Step): string {
  let step = sample.inputs.session?.inputs.of
  while (step?.inputs.target) step = step.inputs.target
  return step && isOp(step, 'unet') ? step.attributes.file : ''
}
