import { Plan } from '../plan.ts'
import type { Step } from '../step.ts'
import { verifyPlan } from '../verify.ts'

/** One law of the plan: what a step may be replaced with, or nothing when it does not apply. */
export interface PlanRewrite {
  readonly name: string
  /** `step` is already in `plan`, with its inputs rewritten, and booked; so may be what replaces it, else it inherits. */
  rewrite(plan: Plan, step: Step): Step | undefined
}

/** A step that stands for others, booked to who asked for those: errors and warnings name the node. */
export function bookedTo<S extends Step>(plan: Plan, asked: readonly Step[], step: S): S {
  for (const each of asked) plan.book(step, plan.nodesOf(each))
  return step
}

/**
 * Copies what the effects need into a new plan, applying each rewrite until none applies: dead steps fall away because
 * nothing asks for them, equal ones meet because the plan hash-conses.
 * Rewrites must make progress (fewer steps, or a smaller order of them), or this does not end.
 */
export function rewritePlan(plan: Plan, rewrites: readonly PlanRewrite[], options: { verify: boolean }): Plan {
  const rewritten = new Plan()
  const replacements = new Map<Step, Step>()
  const replace = (step: Step): Step => {
    const inputs = Object.fromEntries(
      Object.entries(step.inputs).map(([name, input]) => [name, replacements.get(input) ?? input]),
    )
    let current = rewritten.add(step, inputs)
    rewritten.book(current, plan.nodesOf(step))
    for (let next: Step | undefined = current; next; ) {
      current = next
      next = rewrites.map((each) => each.rewrite(rewritten, current)).find((found) => found !== undefined)
    }
    return current
  }
  for (const step of plan.steps) {
    const replacement = replace(step)
    replacements.set(step, replacement)
    if (rewritten.nodesOf(replacement).length === 0) rewritten.book(replacement, plan.nodesOf(step))
  }
  const live = withoutDeadSteps(rewritten)
  if (options.verify) verifyPlan(live)
  return live
}

function withoutDeadSteps(plan: Plan): Plan {
  const needed = new Set<Step>(plan.effects)
  // Inputs come before their users, so one walk from the end meets every user first.
  for (const step of plan.steps.toReversed()) {
    if (needed.has(step)) for (const input of Object.values(step.inputs)) needed.add(input)
  }
  const live = new Plan()
  const copies = new Map<Step, Step>()
  for (const step of plan.steps) {
    if (!needed.has(step)) continue
    const inputs = Object.fromEntries(
      Object.entries(step.inputs).map(([name, input]) => [name, copies.get(input) ?? input]),
    )
    const copy = live.add(step, inputs)
    copies.set(step, copy)
    live.book(copy, plan.nodesOf(step))
  }
  return live
}
