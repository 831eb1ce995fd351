import { ops } from '#core/plan/ops.ts'
import type { Plan } from '#core/plan/plan.ts'
import type { Step } from '#core/plan/step.ts'

/**
 * The steps of a run in order: those to run (true) and those whose cached value is used (false). Inputs of cached
 * steps are left out.
 * Steps that need no session come first, so that an invalid adapter or picture is refused before any weights load.
 */
export function stepsToRun(plan: Plan, isKept: (step: Step) => boolean): ReadonlyMap<Step, boolean> {
  const wanted = new Set<Step>(plan.effects)
  const run = new Map<Step, boolean>()
  for (const step of plan.steps.toReversed()) {
    if (!wanted.has(step)) continue
    const mustRun = ops[step.op].effect === true || !isKept(step)
    run.set(step, mustRun)
    if (mustRun) for (const input of Object.values(step.inputs)) wanted.add(input)
  }
  const ordered = [...run].reverse()
  const late = new Set<Step>()
  for (const [step] of ordered) {
    if (step.kind === 'session' || Object.values(step.inputs).some((input) => late.has(input))) late.add(step)
  }
  return new Map([
    ...ordered.filter(([step]) => !late.has(step)),
    ...promptly(
      ordered.filter(([step]) => late.has(step)),
      late,
    ),
  ])
}

/**
 * Reorders steps: those that run no network come as soon as their inputs are ready. A picture is then saved, or made
 * smaller, before the next one is drawn.
 */
function promptly(steps: readonly [Step, boolean][], late: ReadonlySet<Step>): Iterable<[Step, boolean]> {
  const runs = new Map(steps)
  const ordered = new Map<Step, boolean>()
  const users = new Map(steps.map(([step]): [Step, Step[]] => [step, []]))
  const missing = new Map<Step, Set<Step>>()
  for (const [step, run] of steps) {
    const inputs = new Set(run ? Object.values(step.inputs).filter((input) => late.has(input)) : [])
    missing.set(step, inputs)
    for (const input of inputs) users.get(input)?.push(step)
  }
  for (const [first] of steps) {
    const ready = missing.get(first)?.size === 0 && !ordered.has(first) ? [first] : []
    for (const step of ready) {
      ordered.set(step, runs.get(step) === true)
      for (const user of users.get(step) ?? []) {
        const inputs = missing.get(user)
        inputs?.delete(step)
        if (inputs?.size === 0 && !runsNetwork(user)) ready.push(user)
      }
    }
  }
  return ordered
}

function runsNetwork({ kind, inputs }: Step): boolean {
  return kind === 'session' || Object.values(inputs).some((input) => input.kind === 'session')
}
