import { type InputValue, own, type Workflow, type WorkflowNode } from '#core/workflow/document.ts'
import { catalogue } from '#nodes/catalogue.ts'
import type { Command } from '../store/command.ts'
import { graphAt, type ItemKey, itemOf, type Level, type LinkEnd, nodeAt, type Point } from '../store/graph.ts'
import { signatureIn } from '../store/signatures.ts'
import type { PortRef } from '../store/ui.ts'
import { t } from '../strings/t.ts'
import { type InputEdit, inGraph, keepFields, redirect, sorted, writeInput } from './edit.ts'
import { bestInput, bestOutput } from './fit.ts'
import { standIn } from './heal.ts'
import { insertion } from './links.ts'
import { countOf, freshId, idWords, inputLabel, titleOf } from './names.ts'
import type { SeedControl } from './seeds.ts'

export interface NewNode {
  /** A type of the catalogue, or `subgraph:<id>`. */
  readonly type: string
  readonly at: Point
  readonly inputs?: WorkflowNode['inputs']
  /** A port to link with the node's best port. */
  readonly from?: PortRef
  /** The link to insert the node into. */
  readonly onLink?: LinkEnd
}

/** A new node with default settings. */
export const blankNode = (type: string, at: Point, inputs: WorkflowNode['inputs'] = {}): WorkflowNode => ({
  type,
  version: catalogue.get(type)?.version ?? 1,
  at: [...at],
  inputs: { ...inputs },
})

/** Adds a node and selects it, so `select[0]` is its id. */
export function addNode(workflow: Workflow, level: Level, { type, at, inputs, from, onLink }: NewNode): Command {
  const taken = graphAt(workflow, level)?.nodes ?? {}
  const id = freshId(idWords(type), (name) => Object.hasOwn(taken, name))
  const node = blankNode(type, at, inputs)
  const links = [
    ...(from ? linkTo(workflow, level, id, node, from) : []),
    ...((onLink && insertion(workflow, level, id, node, onLink)) ?? []),
  ]
  for (const [end, value] of links) if (end.node === id && value !== undefined) node.inputs[end.input] = value
  const others = links.filter(([end]) => end.node !== id)
  return {
    label: t('commands.addNode', { title: titleOf(workflow, node) }),
    select: [id],
    apply: inGraph(level, (graph) => {
      graph.nodes[id] = node
      for (const edit of others) writeInput(graph, edit)
    }),
  }
}

/** The changes that link a port with the best port of a new node. */
function linkTo(workflow: Workflow, level: Level, id: string, node: WorkflowNode, from: PortRef): InputEdit[] {
  const other = nodeAt(workflow, level, from.node)
  const theirs = other && signatureIn(workflow, other)
  const ours = signatureIn(workflow, node)
  if (!theirs || !ours) return []
  if (from.side === 'output') {
    const port = own(theirs.outputs, from.port)
    const input = port && bestInput(port.type, ours.inputs, node.inputs)
    return input === undefined ? [] : [[{ node: id, input }, { link: [from.node, from.port] }]]
  }
  const port = own(theirs.inputs, from.port)
  const output = port && bestOutput(ours.outputs, port.type)
  return output === undefined ? [] : [[{ node: from.node, input: from.port }, { link: [id, output] }]]
}

/**
 * Deletes items, the links from them and their fields of the form.
 * @param heal links the targets of a deleted node to the input that the node would pass through if it were bypassed
 */
export function removeItems(
  workflow: Workflow,
  level: Level,
  keys: readonly ItemKey[],
  { heal = false }: { readonly heal?: boolean } = {},
): Command {
  const { nodes, frames, notes } = sorted(graphAt(workflow, level), keys)
  const relink = redirect(workflow, level, (link) => {
    if (!nodes.has(link.link[0])) return link
    return heal ? standIn(workflow, level, link, nodes) : undefined
  })
  return {
    label: t('commands.remove', countOf(workflow, level, keys)),
    select: [],
    apply: (draft) => {
      relink(draft)
      keepFields(draft, level, ({ node }) => !nodes.has(node))
      inGraph(level, (graph) => {
        for (const id of nodes) delete graph.nodes[id]
        if (frames.size > 0) graph.frames = graph.frames?.filter((_, index) => !frames.has(index))
        if (notes.size > 0) graph.notes = graph.notes?.filter((_, index) => !notes.has(index))
      })(draft)
    },
  }
}

/** Moves items to new positions. */
export function moveItems(
  workflow: Workflow,
  level: Level,
  positions: ReadonlyMap<ItemKey, Point>,
  group?: string,
): Command {
  const label = t('commands.move', countOf(workflow, level, [...positions.keys()]))
  return { ...placing(level, label, positions), ...(group !== undefined && { group }) }
}

/** Moves items, with a given label. */
export const placing = (level: Level, label: string, positions: ReadonlyMap<ItemKey, Point>): Command => ({
  label,
  apply: inGraph(level, (graph) => {
    // read outside the draft, which would create a proxy for every node
    const nodes = graph.nodes
    for (const [key, [x, y]] of positions) {
      const item = itemOf(key)
      const placed = item.kind === 'node' ? own(nodes, item.id) : graph[`${item.kind}s`]?.[item.index]
      if (!placed || (placed.at[0] === x && placed.at[1] === y)) continue
      placed.at = [x, y]
    }
  }),
})

/** Sets an input of a node; undefined restores the default. What was said about its old file is taken back. */
export function setInput(
  workflow: Workflow,
  level: Level,
  node: string,
  input: string,
  value: InputValue | undefined,
  { group }: { readonly group?: string } = {},
): Command {
  const target = nodeAt(workflow, level, node)
  const ports = Object.entries((target && signatureIn(workflow, target)?.inputs) ?? {})
  const about = ports.flatMap(([name, port]) => (port.about === input ? [name] : []))
  return {
    label: t(value === undefined ? 'commands.resetInput' : 'commands.setInput', {
      field: inputLabel(workflow, target, input),
    }),
    ...(group !== undefined && { group }),
    apply: inGraph(level, (graph) => {
      writeInput(graph, [{ node, input }, value])
      for (const name of about) writeInput(graph, [{ node, input: name }, undefined])
    }),
  }
}

/** Sets the change of a seed after each run. */
export function setAfter(workflow: Workflow, level: Level, node: string, input: string, control: SeedControl): Command {
  const field = inputLabel(workflow, nodeAt(workflow, level, node), input)
  return {
    label: t('commands.setAfter', { field }),
    apply: inGraph(level, ({ nodes }) => {
      const target = own(nodes, node)
      if (target) target.after = { ...target.after, [input]: control }
    }),
  }
}

/** Sets the title of a node. An empty title restores that of the type. */
export function renameNode(workflow: Workflow, level: Level, id: string, title: string): Command {
  const node = nodeAt(workflow, level, id)
  const wanted = title.trim()
  return {
    label: t('commands.renameNode', { title: node ? titleOf(workflow, node) : id }),
    apply: forNodes(level, [id], (target) => {
      if (wanted === '') delete target.title
      else target.title = wanted
    }),
  }
}

/** Enables, mutes or bypasses nodes. */
export function setNodeState(
  workflow: Workflow,
  level: Level,
  ids: readonly string[],
  state: 'on' | 'mute' | 'bypass',
): Command {
  return {
    label: t(`commands.state.${state}`, countOf(workflow, level, ids)),
    apply: forNodes(level, ids, (node) => {
      if (state === 'on') delete node.state
      else node.state = state
    }),
  }
}

/** Collapses nodes to their titles, or expands them. */
export function setCollapsed(workflow: Workflow, level: Level, ids: readonly string[], collapsed: boolean): Command {
  return {
    label: t(collapsed ? 'commands.collapse' : 'commands.open', countOf(workflow, level, ids)),
    apply: forNodes(level, ids, (node) => {
      if (collapsed) node.collapsed = true
      else delete node.collapsed
    }),
  }
}

const forNodes = (level: Level, ids: readonly string[], change: (node: WorkflowNode) => void): Command['apply'] =>
  inGraph(level, ({ nodes }) => {
    for (const id of ids) {
      const node = own(nodes, id)
      if (node) change(node)
    }
  })
