import { ops } from '#core/plan/ops.ts'
import type { Plan } from '#core/plan/plan.ts'
import type { Step } from '#core/plan/step.ts'
import type { RunEvent } from '#core/protocol/messages.ts'

type WithoutNode<Event> = Event extends unknown ? Omit<Event, 'node'> : never

/** An event of a step, before the executor adds the node. */
export type StepEvent = WithoutNode<Exclude<RunEvent, { type: 'plan' | 'node-done' }>>

/** The event with its node, which is undefined for a step that no node requested. */
export function stamped(event: StepEvent, node: string | undefined): RunEvent {
  if (event.type === 'image' || event.type === 'file') return { ...event, node: node ?? '' }
  if (node === undefined) return event
  return event.type === 'warning' ? { ...event, error: { node, ...event.error } } : { ...event, node }
}

/**
 * The nodes of a plan, each with its steps that will run. Steps that only show a result do not count, so a node with a
 * cached result counts as reused even if it is shown again.
 */
export function stepsByNode(plan: Plan, willRun: (step: Step) => boolean): Map<string, Set<Step>> {
  const steps = new Map<string, Set<Step>>()
  for (const step of plan.steps) {
    for (const node of plan.nodesOf(step)) {
      const running = steps.get(node) ?? new Set()
      if (willRun(step) && !ops[step.op].shows) running.add(step)
      steps.set(node, running)
    }
  }
  return steps
}
