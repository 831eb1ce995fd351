import { type Plan, sorted } from './plan.ts'
import type { Step } from './step.ts'

/** The plan as comparable text, a line per step: `%3: latent = sample(latent=%1, …) {"seed":"42"}  # sampler`. */
export function printPlan(plan: Plan): string {
  return plan.steps.map((step) => `${printStep(step)}${booking(plan.nodesOf(step))}`).join('\n')
}

function printStep(step: Step): string {
  const inputs = Object.keys(step.inputs)
    .sort()
    .map((name) => `${name}=%${step.inputs[name]?.id}`)
  const attributes = Object.keys(step.attributes).length === 0 ? '' : ` ${JSON.stringify(sorted(step.attributes))}`
  return `%${step.id}: ${step.kind} = ${step.op}(${inputs.join(', ')})${attributes}`
}

function booking(nodes: readonly string[]): string {
  return nodes.length === 0 ? '' : `  # ${nodes.join(', ')}`
}
