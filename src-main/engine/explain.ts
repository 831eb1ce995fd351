import { basename } from 'node:path'
import type { SessionPlacement } from '#core/plan/passes/placement.ts'
import type { Plan } from '#core/plan/plan.ts'
import { isOp, type Step } from '#core/plan/step.ts'
import type { RunEvent } from '#core/protocol/messages.ts'
import { networkNames } from './steps/networks.ts'

/** What the compiler decided about the adapters of a session, as an event; `plan` is the one that it decided about. */
export function explanation({ session, adapters }: SessionPlacement, plan: Plan): RunEvent {
  const [node] = plan.nodesOf(session)
  const network = isOp(session, 'session') ? networkNames[session.attributes.network] : ''
  const of = `${network} of ${filesBelow(session).join(' and ')}`
  return { type: 'explain', ...(node !== undefined && { node }), of, adapters: [...adapters] }
}

/** Names of the files that a step's network lies in, adapters aside. */
function filesBelow(step: Step): string[] {
  if ('file' in step.attributes && !('target' in step.inputs)) return [basename(step.attributes.file)]
  return [...new Set(Object.values(step.inputs).flatMap(filesBelow))]
}
