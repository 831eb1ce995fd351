import type { Plan } from '../plan.ts'
import { isOp, type Step, type StepAttributes } from '../step.ts'
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

/**
 * (W + a D1) + b D2 = (W + b D2) + a D1 and (W + a D) + b D = W + (a + b) D: one order, each adapter once, so that all
 * wirings of one sum share a session.
 * @param zero drops what adds up to nothing
 */
function sortedLoras(zero?: PlanRule): PlanRule {
  return {
    name: 'sorted-loras',
    rewrite(plan, step) {
      const inner = step.inputs.target
      const below = inner?.inputs.target
      if (!below || !isOp(step, 'apply-lora') || !isOp(inner, 'apply-lora')) return undefined
      const { file, strength } = step.attributes
      if (inner.attributes.file < file) return undefined
      if (inner.attributes.file === file) {
        const sum = { file, strength: inner.attributes.strength + strength }
        return bookedTo(plan, [inner, step], plan.step('apply-lora', { target: below }, sum))
      }
      const lower = bookedTo(plan, [step], plan.step('apply-lora', { target: below }, step.attributes))
      const sorted = this.rewrite(plan, lower) ?? lower
      const target = zero?.rewrite(plan, sorted) ?? sorted
      return bookedTo(plan, [inner], plan.step('apply-lora', { target }, inner.attributes))
    },
  }
}

/** A step that stands for others, booked to who asked for those: errors and warnings name the node. */
function bookedTo(plan: Plan, asked: readonly Step[], step: Step): Step {
  for (const each of asked) plan.book(step, plan.nodesOf(each))
  return step
}

/** Whether a sampling compares with a negative prompt: guidance 1 is off, and a guidance embedding takes its place. */
function usesNegative(step: Step & { attributes: StepAttributes['sample'] }, facts: ModelFacts): boolean {
  return step.attributes.guidance !== 1 && !facts.takesGuidance(checkpointOf(step))
}

/** uncond + 1 * (cond - uncond) = cond: a negative prompt that does not count need not be encoded. */
function unusedNegative(facts: ModelFacts): PlanRule {
  return {
    name: 'unused-negative',
    rewrite(plan, step) {
      if (!isOp(step, 'sample') || !step.inputs.negative || usesNegative(step, facts)) return undefined
      const { negative: _, ...inputs } = step.inputs
      return plan.step('sample', inputs, step.attributes)
    },
  }
}

/** Where nothing is said, uncond is the empty prompt, through the text encoder of the positive one. */
function emptyNegative(facts: ModelFacts): PlanRule {
  return {
    name: 'empty-negative',
    rewrite(plan, step) {
      if (!isOp(step, 'sample') || step.inputs.negative || !usesNegative(step, facts)) return undefined
      const { positive } = step.inputs
      if (positive?.op !== 'encode-prompt') return undefined
      const negative = bookedTo(plan, [step], plan.step('encode-prompt', positive.inputs, { text: '' }))
      return plan.step('sample', { ...step.inputs, negative }, step.attributes)
    },
  }
}

/**
 * session(W + a D)(x) = session(W, D)(a, x): strengths move from what a session is made of to where it is used, so that one
 * session serves them all, 0 too.
 */
const liveStrengths: PlanRule = {
  name: 'live-strengths',
  rewrite(plan, step) {
    const { session } = step.inputs
    const model = session?.inputs.of
    if (!session || !isOp(session, 'session') || !model || !isOp(model, 'apply-lora')) return undefined
    const of = liveAdapters(plan, model)
    const live = bookedTo(plan, [session], plan.step('session', { of }, session.attributes))
    return plan.step(step.op, { ...step.inputs, session: live, strengths: strengthsOf(plan, model) }, step.attributes)
  },
}

function liveAdapters(plan: Plan, step: Step): Step {
  const { target } = step.inputs
  if (!target || !isOp(step, 'apply-lora')) return step
  const { file } = step.attributes
  return bookedTo(plan, [step], plan.step('live-lora', { target: liveAdapters(plan, target) }, { file }))
}

function strengthsOf(plan: Plan, step: Step & { attributes: StepAttributes['apply-lora'] }): Step {
  const { target } = step.inputs
  const others = target && isOp(target, 'apply-lora') ? strengthsOf(plan, target) : undefined
  return bookedTo(plan, [step], plan.step('strength', others ? { others } : {}, step.attributes))
}

/** How the plan is to be run. */
interface PlanChoices {
  /** Strengths of adapters may change from run to run without another session. */
  readonly liveStrengths?: boolean | undefined
}

/** The plan's passes in their order. */
export function planRules(facts: ModelFacts, choices: PlanChoices = {}): readonly PlanRule[] {
  const prompts = [unusedNegative(facts), emptyNegative(facts)]
  return choices.liveStrengths
    ? [sortedLoras(), ...prompts, liveStrengths]
    : [zeroLora, sortedLoras(zeroLora), ...prompts]
}

/** The file whose UNet a sampling runs. */
function checkpointOf(sample: Step): string {
  let step = sample.inputs.session?.inputs.of
  while (step?.inputs.target) step = step.inputs.target
  return step && isOp(step, 'unet') ? step.attributes.file : ''
}
