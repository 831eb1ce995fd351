import { ops } from '#core/plan/ops.ts'
import type { Plan } from '#core/plan/plan.ts'
import type { Step } from '#core/plan/step.ts'
import type { RunEvent } from '#core/protocol/messages.ts'

type WithoutNode<Event> = Event extends unknown ? Omit<Event, 'node'> : never

/** What a step tells of itself, before the executor says which node it belongs to. */
export type StepEvent = WithoutNode<Exclude<RunEvent, { type: 'plan' | 'node-done' }>>

/** The event, said of a node; a step that no node asked for by itself has none. */
export function stamped(event: StepEvent, node: string | undefined): RunEvent {
  if (event.type === 'image' || event.type === 'file') return { ...event, node: node ?? '' }
  if (node === undefined) return event
  return event.type === 'warning' ? { ...event, error: { node, ...event.error } } : { ...event, node }
}

/**
 * Every node that a plan has steps of, with those that will run. What only shows a node's result is none of its own steps: a node
 * whose result was there is reused, also when it is shown again.
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
