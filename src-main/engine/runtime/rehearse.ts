import { LoomError } from '#core/errors.ts'
import { ops } from '#core/plan/ops.ts'
import type { Plan } from '#core/plan/plan.ts'
import type { Step } from '#core/plan/step.ts'
import { type ExecutorOptions, runStep } from './executor.ts'
import type { RuntimeValue } from './values.ts'

/** Runs the steps that read only headers. Returns all their errors, with nodes. */
export async function rehearse<Context>(plan: Plan, options: ExecutorOptions<Context>): Promise<LoomError[]> {
  const problems: LoomError[] = []
  const values = new Map<Step, RuntimeValue>()
  for (const step of plan.steps) {
    const ready = Object.values(step.inputs).every((input) => values.has(input))
    if (!ops[step.op].readsHeadersOnly || !ready) continue
    try {
      values.set(step, await runStep(step, plan.nodesOf(step)[0], values, options))
    } catch (error) {
      if (!(error instanceof LoomError)) throw error
      // a LoRA gives the same error for the model and for the text encoder
      if (!problems.some(({ message }) => message === error.message)) problems.push(error)
    }
  }
  return problems
}
