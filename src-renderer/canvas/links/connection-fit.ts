import { convert } from '#core/types/convert.ts'
import { type Explanation, explain } from '#core/types/explain.ts'
import type { Type } from '#core/types/types.ts'
import { isFed, own } from '#core/workflow/document.ts'
import { valueAt } from '../../commands/edit.ts'
import { inputLabel, outputLabel, titleOf } from '../../commands/names.ts'
import { type Graph, linksIn, nodeAt } from '../../store/graph.ts'
import { shownIn } from '../../store/shown.ts'
import { signatureIn } from '../../store/signatures.ts'
import type { PortRef } from '../../store/ui.ts'
import type { Tab } from '../../store/workspace.ts'
import { t } from '../../strings/t.ts'
import { typesIn } from '../view/types-in.ts'

const unknown: Type = { kind: 'unknown' }

/** Key of a port, unique in a canvas. */
export const portKey = ({ node, port, side }: PortRef): string => `${side} ${node} ${port}`

/** The known type of an output, or the type that an input accepts. */
export function typeOfPort(tab: Tab, { node, port, side }: PortRef): Type {
  const { workflow, level } = shownIn(tab)
  const found = nodeAt(workflow, level, node)
  const signature = found && signatureIn(workflow, found)
  if (side === 'input') return own(signature?.inputs ?? {}, port)?.type ?? unknown
  return own(typesIn(tab)(node) ?? {}, port) ?? own(signature?.outputs ?? {}, port)?.type ?? unknown
}

/** Whether a port is an input with a link. */
export function isLinked(tab: Tab, { node, port, side }: PortRef): boolean {
  const { workflow, level } = shownIn(tab)
  return side === 'input' && isFed(valueAt(workflow, level, { node, input: port }))
}

/** "Model of Checkpoint". */
export function nameOfPort(tab: Tab, { node, port, side }: PortRef): string {
  const { workflow, level } = shownIn(tab)
  const found = nodeAt(workflow, level, node)
  const label = side === 'output' ? outputLabel(workflow, found, port) : inputLabel(workflow, found, port)
  return t('canvas.node.portOf', { port: label, node: found ? titleOf(workflow, found) : node })
}

/** A possible other end of a link, and whether the link would work. */
export interface Candidate {
  readonly port: PortRef
  readonly fits: boolean
}

/** All ports of the other side, and whether each fits. Computed once, when a link is started. */
export function candidatesFor(tab: Tab, from: PortRef): Candidate[] {
  const { workflow, graph } = shownIn(tab)
  if (!graph) return []
  const circle = closingNodes(graph, from)
  const fromType = typeOfPort(tab, from)
  const known = new Map<Type, boolean>()
  const fits = (type: Type): boolean => {
    const answer = known.get(type) ?? convertible(from.side === 'output' ? [fromType, type] : [type, fromType])
    known.set(type, answer)
    return answer
  }
  const side = from.side === 'output' ? 'input' : 'output'
  return Object.entries(graph.nodes).flatMap(([id, node]) => {
    const ports = signatureIn(workflow, node)?.[side === 'input' ? 'inputs' : 'outputs'] ?? {}
    return Object.keys(ports).map((name): Candidate => {
      const port: PortRef = { node: id, port: name, side }
      const type = side === 'input' ? (own(ports, name)?.type ?? unknown) : typeOfPort(tab, port)
      return { port, fits: !circle.has(id) && fits(type) }
    })
  })
}

const convertible = ([from, to]: readonly [Type, Type]): boolean => convert(from, to) !== undefined

/** The nodes with which a link from this port would form a cycle, including its own node. */
function closingNodes(graph: Graph, { node, side }: PortRef): Set<string> {
  const next = new Map<string, string[]>()
  for (const [end, { link }] of linksIn(graph)) {
    const [from, to] = side === 'output' ? [end.node, link[0]] : [link[0], end.node]
    const known = next.get(from)
    if (known) known.push(to)
    else next.set(from, [to])
  }
  const found = new Set([node])
  for (const id of found) for (const other of next.get(id) ?? []) found.add(other)
  return found
}

/** Explains whether a link between two ports works, and if not, why and what to do. */
export function explainPorts(tab: Tab, a: PortRef, b: PortRef): Explanation {
  const [output, input] = a.side === 'output' ? [a, b] : [b, a]
  const ends = { from: nameOfPort(tab, output), to: nameOfPort(tab, input) }
  const said = explain(typeOfPort(tab, output), typeOfPort(tab, input), ends)
  const { graph } = shownIn(tab)
  if (!said.fits || !graph || !closingNodes(graph, output).has(input.node)) return said
  return {
    fits: false,
    short: t('canvas.link.circle'),
    long: t('canvas.link.circleLong', ends),
    fix: t('canvas.link.circleFix'),
  }
}
