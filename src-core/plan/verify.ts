import { LoomError } from '#core/errors.ts'
import { ops, type ValueKind } from './ops.ts'
import type { Plan } from './plan.ts'
import { printPlan } from './print.ts'
import type { Step } from './step.ts'

/**
 * Checks that every step's inputs fit its op and are earlier steps of the plan, and that its attributes
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
  const { inputs, optional, output } = ops[step.op]
  const missing = Object.keys(inputs).find((name) => step.inputs[name] === undefined)
  if (missing !== undefined) return `lacks the input ${missing}`
  const allowed = new Map(Object.entries({ ...inputs, ...optional }))
  for (const [name, input] of Object.entries(step.inputs)) {
    const row = allowed.get(name)
    if (row === undefined) return `has an input ${name} that its op does not know`
    const kinds = 'sameAs' in row ? kindOf(step, row) : row
    if (!seen.has(input)) return `uses %${input.id} before it is there`
    if (!kinds.includes(input.kind)) return `takes ${kinds.join(' or ')} as ${name}, but %${input.id} is ${input.kind}`
  }
  const kind = typeof output === 'string' ? output : kindOf(step, output)[0]
  if (kind !== step.kind) return `says that it yields ${step.kind}, but its op yields ${kind}`
  return isPlainData(step.attributes) ? undefined : 'has attributes that are not plain data'
}

/** The kind of the input that `sameAs` names. */
function kindOf({ inputs }: Step, { sameAs }: { readonly sameAs: string }): readonly ValueKind[] {
  const kind = inputs[sameAs]?.kind
  return kind === undefined ? [] : [kind]
}

function isPlainData(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value !== 'object') return false
  return Object.values(value).every(isPlainData)
}
