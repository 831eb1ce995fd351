import { Plan } from '../plan.ts'
import type { Step } from '../step.ts'
import { verifyPlan } from '../verify.ts'

/** A rewrite rule: the replacement of a step, or undefined if the rule does not apply. */
export interface PlanRewrite {
  readonly name: string
  /** `step` is in `plan`, booked, with rewritten inputs. A replacement without bookings inherits those of `step`. */
  rewrite(plan: Plan, step: Step): Step | undefined
}

/** Books a step to the nodes of the steps that it replaces, so that errors and warnings name these nodes. */
export function bookedTo<S extends Step>(plan: Plan, asked: readonly Step[], step: S): S {
  for (const each of asked) plan.book(step, plan.nodesOf(each))
  return step
}

/**
 * Copies the plan and applies the rewrites to each step until none applies. Then removes steps that no effect needs;
 * equal steps merge because the plan hash-conses.
 * Rewrites must make progress (fewer steps, or steps closer to sorted). Otherwise this does not end.
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
  // inputs come before their users, so one backward pass visits every user first
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
