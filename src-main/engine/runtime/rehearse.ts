import { LoomError } from '#core/errors.ts'
import type { Plan } from '#core/plan/plan.ts'
import type { Step, StepOp } from '#core/plan/step.ts'
import { type ExecutorOptions, runStep } from './executor.ts'
import type { RuntimeValue } from './values.ts'

/** Ops that read headers alone: they cost milliseconds and find out what does not go together. */
const rehearsed: ReadonlySet<StepOp> = new Set<StepOp>([
  'unet',
  'text-encoder',
  'clip-skip',
  'vae',
  'apply-lora',
  'merge',
])

/** Runs the steps of a plan that read headers alone; gives everything that goes wrong, said of its node. */
export async function rehearse(plan: Plan, options: ExecutorOptions): Promise<LoomError[]> {
  const problems: LoomError[] = []
  const values = new Map<Step, RuntimeValue>()
  for (const step of plan.steps) {
    const ready = Object.values(step.inputs).every((input) => values.has(input))
    if (!rehearsed.has(step.op) || !ready) continue
    try {
      values.set(step, await runStep(step, plan.nodesOf(step)[0], values, options))
    } catch (error) {
      if (!(error instanceof LoomError)) throw error
      // A LoRA on both model and text encoder says the same of each.
      if (!problems.some(({ message }) => message === error.message)) problems.push(error)
    }
  }
  return problems
}
