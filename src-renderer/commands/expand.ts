import {
  type InputValue,
  isLink,
  isOuter,
  own,
  type Subgraph,
  type Workflow,
  type WorkflowNode,
} from '#core/workflow/document.ts'
import { subgraphOf } from '#core/workflow/subgraphs.ts'
import type { Command } from '../store/command.ts'
import { frameKey, graphAt, type Level, nodeAt, noteKey } from '../store/graph.ts'
import { t } from '../strings/t.ts'
import { around, boxesOf } from './arrange.ts'
import { inGraph, instancesOf, redirect } from './edit.ts'
import { standIn } from './heal.ts'
import { freshId, titleOf } from './names.ts'
import { fedBy } from './subgraphs.ts'

/** Replaces an instance by the content of its subgraph. Removes the definition with its last instance. */
export function expandSubgraph(workflow: Workflow, level: Level, id: string): Command {
  const instance = nodeAt(workflow, level, id)
  const subgraph = instance && subgraphOf(instance.type)
  const definition = subgraph === undefined ? undefined : own(workflow.subgraphs ?? {}, subgraph)
  const label = t('commands.expandSubgraph', { title: instance ? titleOf(workflow, instance) : id })
  if (!instance || subgraph === undefined || !definition || losesOutput(workflow, level, id, instance)) {
    return { label, apply: () => undefined }
  }

  const graph = graphAt(workflow, level)
  const ids = newIds(Object.keys(definition.nodes), (name) => name !== id && Object.hasOwn(graph?.nodes ?? {}, name))
  const move = mover(definition, instance)
  const nodes = Object.entries(definition.nodes).map(
    ([inner, node]) => [ids.get(inner) ?? inner, leave(node, instance, definition, ids, move)] as const,
  )
  const frames = (definition.frames ?? []).map((frame) => ({ ...frame, at: move(frame.at) }))
  const notes = (definition.notes ?? []).map((note) => ({ ...note, at: move(note.at) }))
  const relink = redirect(workflow, level, (link) => {
    if (link.link[0] !== id) return link
    // a bypassed instance passes an input through, and its content does not run
    if (instance.state === 'bypass') return standIn(workflow, level, link, new Set([id]))
    const inner = own(definition.outputs, link.link[1])?.link
    return inner && { ...link, link: [ids.get(inner[0]) ?? inner[0], inner[1]] }
  })
  const isLast = [...instancesOf(workflow, subgraph)].length === 1
  return {
    label,
    select: [
      ...ids.values(),
      ...frames.map((_, index) => frameKey((graph?.frames?.length ?? 0) + index)),
      ...notes.map((_, index) => noteKey((graph?.notes?.length ?? 0) + index)),
    ],
    apply: (edited) => {
      relink(edited)
      inGraph(level, (target) => {
        delete target.nodes[id]
        for (const [name, node] of nodes) target.nodes[name] = node
        if (frames.length > 0) target.frames = [...(target.frames ?? []), ...frames]
        if (notes.length > 0) target.notes = [...(target.notes ?? []), ...notes]
      })(edited)
      if (isLast && edited.subgraphs) delete edited.subgraphs[subgraph]
      if (level === undefined) leadForm(edited, id, definition, ids)
    },
  }
}

/**
 * Whether an output of the surrounding subgraph comes from a bypassed instance that passes through a subgraph input or
 * a constant. An output needs a node as its source, so it would be lost.
 */
function losesOutput(workflow: Workflow, level: Level, id: string, { state }: WorkflowNode): boolean {
  if (state !== 'bypass' || level === undefined) return false
  return Object.values(own(workflow.subgraphs ?? {}, level)?.outputs ?? {}).some(({ link }) => {
    const value = standIn(workflow, level, { link }, new Set([id]))
    return value !== undefined && !isLink(value)
  })
}

function newIds(inner: readonly string[], isTaken: (id: string) => boolean): Map<string, string> {
  const ids = new Map<string, string>()
  const used = new Set<string>()
  for (const id of inner) {
    const fresh = freshId(id, (name) => isTaken(name) || used.has(name))
    used.add(fresh)
    ids.set(id, fresh)
  }
  return ids
}

/** Shifts points so that the upper left corner of the content is at the position of the instance. */
function mover(definition: Subgraph, { at }: WorkflowNode) {
  const { x = 0, y = 0 } = around(boxesOf(definition, Object.keys(definition.nodes), new Map())) ?? {}
  return ([left, top]: readonly [number, number]): [number, number] => [left - x + at[0], top - y + at[1]]
}

/** The node for the outside of the subgraph. */
function leave(
  node: WorkflowNode,
  instance: WorkflowNode,
  definition: Subgraph,
  ids: ReadonlyMap<string, string>,
  move: (point: readonly [number, number]) => [number, number],
): WorkflowNode {
  const inputs: Record<string, InputValue> = {}
  const after = { ...node.after }
  for (const [input, value] of Object.entries(node.inputs)) {
    if (isOuter(value)) {
      const given = own(instance.inputs, value.input) ?? own(definition.inputs, value.input)?.default
      const isDeclared = Object.hasOwn(definition.inputs, value.input)
      if (isDeclared && given !== undefined) inputs[input] = given
      const control = own(instance.after ?? {}, value.input)
      if (control !== undefined) after[input] = control
    } else if (isLink(value)) {
      const [source, output] = value.link
      inputs[input] = {
        ...value,
        link: [ids.get(source) ?? source, output],
        ...(value.via && { via: value.via.map(move) }),
      }
    } else inputs[input] = value
  }
  const { after: _, state, ...rest } = node
  const silent = instance.state !== undefined && instance.state !== 'on' && state !== 'bypass'
  const kept = silent ? 'mute' : state
  return {
    ...rest,
    ...(kept !== undefined && { state: kept }),
    at: move(node.at),
    inputs,
    ...(Object.keys(after).length > 0 && { after }),
  }
}

/** Points the form's fields of the instance to the inner inputs that they feed. Removes fields without such inputs. */
function leadForm(edited: Workflow, id: string, definition: Subgraph, ids: ReadonlyMap<string, string>): void {
  if (!edited.form?.some(({ input }) => input[0] === id)) return
  edited.form = edited.form.flatMap((field) => {
    if (field.input[0] !== id) return [field]
    const [target] = fedBy(definition, field.input[1])
    return target ? [{ ...field, input: [ids.get(target[0]) ?? target[0], target[1]] satisfies [string, string] }] : []
  })
}
