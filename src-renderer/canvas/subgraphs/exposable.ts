import type { Kind } from '#core/types/types.ts'
import { isLink, isOuter, own, type Workflow } from '#core/workflow/document.ts'
import { instanceType } from '#core/workflow/subgraphs.ts'
import { titleOf } from '../../commands/names.ts'
import { signatureIn } from '../../store/signatures.ts'
import { t } from '../../strings/t.ts'

type Side = 'inputs' | 'outputs'

/** A port of a subgraph's instances. */
interface InstancePort {
  readonly name: string
  readonly label: string
  readonly kind: Kind
}

/** The inputs or outputs of a subgraph's instances, in order. */
export function instancePorts(workflow: Workflow, subgraph: string, side: Side): InstancePort[] {
  const instance = { type: instanceType(subgraph), version: 1, at: [0, 0] as [number, number], inputs: {} }
  const ports = signatureIn(workflow, instance)?.[side] ?? {}
  return Object.entries(ports).map(([name, { label, type }]) => ({ name, label, kind: type.kind }))
}

/** A port of an inner node that the subgraph could expose. */
interface InnerPort {
  readonly node: string
  readonly port: string
  /** "Sampler: Seed". */
  readonly label: string
}

/** Inner inputs without a link, or inner outputs that are not exposed yet. */
export function exposable(workflow: Workflow, subgraph: string, side: Side): InnerPort[] {
  const definition = own(workflow.subgraphs ?? {}, subgraph)
  if (!definition) return []
  const given = new Set(Object.values(definition.outputs).map(({ link }) => link.join(' ')))
  return Object.entries(definition.nodes).flatMap(([id, node]) => {
    const isFree = (port: string): boolean => {
      if (side === 'outputs') return !given.has(`${id} ${port}`)
      const value = own(node.inputs, port)
      return value === undefined || !(isLink(value) || isOuter(value))
    }
    return Object.entries(signatureIn(workflow, node)?.[side] ?? {})
      .filter(([port]) => isFree(port))
      .map(([port, { label }]) => ({
        node: id,
        port,
        label: t('canvas.breadcrumb.portOf', { node: titleOf(workflow, node), port: label }),
      }))
  })
}
