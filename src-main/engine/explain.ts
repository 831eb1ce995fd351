import { basename } from 'node:path'
import type { SessionPlacement } from '#core/plan/passes/placement.ts'
import type { Plan } from '#core/plan/plan.ts'
import { isOp, type Step } from '#core/plan/step.ts'
import type { RunEvent } from '#core/protocol/messages.ts'
import { networkNames } from './steps/networks.ts'

/** The placement of a session's adapters as an event. `plan` is the plan that contains the session. */
export function explanation({ session, adapters }: SessionPlacement, plan: Plan): RunEvent {
  const [node] = plan.nodesOf(session)
  const network = isOp(session, 'session') ? networkNames[session.attributes.network] : ''
  const of = `${network} of ${filesBelow(session).join(' and ')}`
  return { type: 'explain', ...(node !== undefined && { node }), of, adapters: [...adapters] }
}

/** Names of the files of a step's network, without adapters. */
function filesBelow(step: Step): string[] {
  if ('file' in step.attributes && !('target' in step.inputs)) return [basename(step.attributes.file)]
  return [...new Set(Object.values(step.inputs).flatMap(filesBelow))]
}
