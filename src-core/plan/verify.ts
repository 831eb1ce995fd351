import { LoomError } from '#core/errors.ts'
import type { Plan } from './plan.ts'
import { printPlan } from './print.ts'
import { type Step, signatureOf } from './step.ts'

/**
 * Checks that every step takes what its signature says, from steps before it in the same plan, and that its attributes
 * are plain data.
 * @throws LoomError `internal` with the plan's text in the hint
 */
export function verifyPlan(plan: Plan): void {
  const seen = new Set<Step>()
  for (const step of plan.steps) {
    const fault = stepFault(step, seen)
    if (fault) throw new LoomError('internal', `Step %${step.id} (${step.op}) ${fault}.`, { hint: printPlan(plan) })
    seen.add(step)
  }
}

function stepFault(step: Step, seen: ReadonlySet<Step>): string | undefined {
  const { inputs, output } = signatureOf(step.op)
  const allowed = new Map(Object.entries(inputs).map(([name, kinds]) => [name.replace('?', ''), kinds]))
  for (const name of Object.keys(inputs)) {
    if (!name.endsWith('?') && step.inputs[name] === undefined) return `lacks the input ${name}`
  }
  for (const [name, input] of Object.entries(step.inputs)) {
    const kinds = allowed.get(name)
    if (kinds === undefined) return `has an input ${name} that its op does not know`
    if (!seen.has(input)) return `uses %${input.id} before it is there`
    if (!kinds.includes(input.kind)) return `takes ${kinds.join(' or ')} as ${name}, but %${input.id} is ${input.kind}`
  }
  const kind = typeof output === 'string' ? output : step.inputs[output.sameAs]?.kind
  if (kind !== step.kind) return `says that it yields ${step.kind}, but its op yields ${kind}`
  return isPlainData(step.attributes) ? undefined : 'has attributes that are not plain data'
}

function isPlainData(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value !== 'object') return false
  return Object.values(value).every(isPlainData)
}
