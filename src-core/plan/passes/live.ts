import { ops } from '../ops.ts'
import type { Plan } from '../plan.ts'
import { isOp, type Step, type StepOf } from '../step.ts'
import { adaptersOf, type Placements, sessionKey } from './placement.ts'
import { bookedTo, type PlanRewrite } from './rewrite.ts'

/**
 * session(W + a D)(x) = session(W, D)(a, x): moves live strengths from the making of a session to the steps that use
 * it. One session then serves all strengths, including 0.
 */
export function liveStrengths(placements: Placements): PlanRewrite {
  return {
    name: 'live-strengths',
    rewrite(plan, step) {
      const { session } = step.inputs
      if (!session || !isOp(session, 'session') || !ops[step.op].optional?.strengths) return undefined
      const placed = placements.get(sessionKey(session)) ?? []
      const isLive = (file: string) => placed.some((placement) => placement.file === file && placement.live)
      const adapters = Map.groupBy(adaptersOf(session), ({ attributes }) => isLive(attributes.file))
      const live = adapters.get(true)
      if (!live) return undefined
      const strengths = strengthsOf(plan, live)
      const inputs = { ...step.inputs, session: liveSession(plan, session, adapters), ...(strengths && { strengths }) }
      return plan.add(step, inputs)
    },
  }
}

type Adapters = ReturnType<typeof adaptersOf>

/** The session with its folded adapters below its live ones. */
function liveSession(plan: Plan, session: StepOf<'session'>, adapters: ReadonlyMap<boolean, Adapters>): Step {
  const [lowest] = adaptersOf(session)
  if (!lowest) return session
  let of: Step<'model' | 'clip'> = lowest.inputs.target
  for (const adapter of adapters.get(false) ?? []) {
    of = bookedTo(plan, [adapter], plan.step('apply-lora', { target: of }, adapter.attributes))
  }
  for (const adapter of adapters.get(true) ?? []) {
    const { file } = adapter.attributes
    of = bookedTo(plan, [adapter], plan.step('live-lora', { target: of }, { file }))
  }
  return bookedTo(plan, [session], plan.step('session', { of }, session.attributes))
}

function strengthsOf(plan: Plan, adapters: Adapters): Step | undefined {
  return adapters.reduce<Step<'strengths'> | undefined>(
    (others, adapter) => bookedTo(plan, [adapter], plan.step('strength', { others }, adapter.attributes)),
    undefined,
  )
}
