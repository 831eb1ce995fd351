import type { Type } from '#core/types/types.ts'
import { own } from '#core/workflow/document.ts'
import { nodeAt } from '../../commands/edit.ts'
import { signatureIn } from '../../store/signatures.ts'
import type { PortRef } from '../../store/ui.ts'
import { flatId, levelOf } from '../../store/view-store.ts'
import type { Tab } from '../../store/workspace.ts'
import type { DanglingEnd } from './rank.ts'

const unknown: Type = { kind: 'unknown' }

/** What is known of a port: of an output what was inferred, else what its node declares. */
export function danglingEnd({ document, view, inference }: Tab, { node: id, port, side }: PortRef): DanglingEnd {
  const { workflow } = document.getState()
  const node = nodeAt(workflow, levelOf(view.getState()), id)
  const signature = node && signatureIn(workflow, node)
  const declared = own(signature?.[side === 'input' ? 'inputs' : 'outputs'] ?? {}, port)?.type ?? unknown
  if (side === 'input') return { side, type: declared }
  const outputs = inference.getState().outputs.get(flatId(view.getState(), id))
  const inferred = own(outputs ?? {}, port)
  return { side, type: inferred === undefined || inferred.kind === 'nothing' ? declared : inferred }
}
