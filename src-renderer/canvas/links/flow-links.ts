import type { Kind } from '#core/types/types.ts'
import { isLink, type Link, own, type Workflow } from '#core/workflow/document.ts'
import type { Graph, LinkEnd } from '../../store/graph.ts'
import { signatureIn } from '../../store/signatures.ts'
import type { FlowLink } from '../view/flow-types.ts'

/** Id of a link, unique in a canvas. */
export const linkId = ({ node, input }: LinkEnd): string => `${node}.${input}`

interface LinkSource {
  readonly workflow: Workflow
  readonly graph: Graph
  /** The selected link. */
  readonly selected: LinkEnd | undefined
}

interface Made {
  readonly link: Link
  readonly item: FlowLink
}

/** Creates a function that makes the links of a canvas, like `createItems`. */
export function createLinks(): (source: LinkSource) => FlowLink[] {
  let made = new Map<string, Made>()
  let links: FlowLink[] = []
  let last: LinkSource | undefined
  return (source) => {
    const { workflow, graph, selected } = source
    // skip the work while items only move
    if (last?.workflow === workflow && last.graph === graph && last.selected === selected) return links
    last = source
    const chosen = selected && linkId(selected)
    const kindOf = kindsIn(workflow, graph)
    const nextMade: typeof made = new Map()
    const next: FlowLink[] = []
    for (const [node, { inputs }] of Object.entries(graph.nodes)) {
      for (const [input, link] of Object.entries(inputs)) {
        if (!isLink(link) || !Object.hasOwn(graph.nodes, link.link[0])) continue
        const id = linkId({ node, input })
        const entry = linkEntry(id, { node, input }, link, kindOf(link), id === chosen, made.get(id))
        nextMade.set(id, entry)
        next.push(entry.item)
      }
    }
    made = nextMade
    if (next.length !== links.length || next.some((item, index) => item !== links[index])) links = next
    return links
  }
}

/** The declared kinds of outputs. */
const kindsIn =
  (workflow: Workflow, graph: Graph) =>
  ({ link: [source, output] }: Link): Kind => {
    const node = own(graph.nodes, source)
    return (node && own(signatureIn(workflow, node)?.outputs ?? {}, output)?.type.kind) ?? 'unknown'
  }

function linkEntry(
  id: string,
  end: LinkEnd,
  link: Link,
  kind: Kind,
  selected: boolean,
  before: Made | undefined,
): Made {
  const sameLink = before?.link === link && before.item.data?.kind === kind
  if (sameLink && before.item.selected === selected) return before
  const data = sameLink ? before.item.data : { kind, end, via: link.via ?? [] }
  return {
    link,
    item: {
      id,
      type: 'link',
      source: link.link[0],
      sourceHandle: link.link[1],
      target: end.node,
      targetHandle: end.input,
      selected,
      zIndex: selected ? 1 : 0,
      ...(data && { data }),
    },
  }
}
