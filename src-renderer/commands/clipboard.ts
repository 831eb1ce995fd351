import { LoomError } from '#core/errors.ts'
import {
  fragmentFormat,
  type InputValue,
  isLink,
  isOuter,
  maxNodes,
  own,
  type Workflow,
} from '#core/workflow/document.ts'
import { documentVersion } from '#core/workflow/document-version.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { instanceType, subgraphOf } from '#core/workflow/subgraphs.ts'
import { isEqual } from '../store/alike.ts'
import type { Command } from '../store/command.ts'
import {
  frameKey,
  type Graph,
  graphAt,
  graphsOf,
  type ItemKey,
  type Level,
  noteKey,
  type Point,
} from '../store/graph.ts'
import { t } from '../strings/t.ts'
import { around, boxesOf } from './arrange.ts'
import { sorted } from './edit.ts'
import { countOf, freshId } from './names.ts'

/** A part of a document. */
export type Fragment = Pick<Workflow, 'nodes' | 'frames' | 'notes' | 'subgraphs'>

/** Offset of pasted items that would lie exactly on others. */
const shift = 32

/** Items and the subgraphs that they need as clipboard text. */
export function copyItems(workflow: Workflow, level: Level, keys: readonly ItemKey[]): string {
  const fragment = { format: fragmentFormat, version: documentVersion, ...cut(workflow, level, keys) }
  return printWorkflow(fragment)
}

function cut(workflow: Workflow, level: Level, keys: readonly ItemKey[]): Fragment {
  const graph = graphAt(workflow, level)
  const { nodes, frames, notes } = sorted(graph, keys)
  const chosen = Object.fromEntries(Object.entries(graph?.nodes ?? {}).filter(([id]) => nodes.has(id)))
  return {
    nodes: chosen,
    frames: (graph?.frames ?? []).filter((_, index) => frames.has(index)),
    notes: (graph?.notes ?? []).filter((_, index) => notes.has(index)),
    subgraphs: neededSubgraphs(workflow.subgraphs ?? {}, chosen),
  }
}

/** The subgraphs of nodes, including nested ones. */
function neededSubgraphs(all: NonNullable<Workflow['subgraphs']>, nodes: Workflow['nodes']) {
  const needed: NonNullable<Workflow['subgraphs']> = {}
  const waiting = [nodes]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const { type } of Object.values(next)) {
      const id = subgraphOf(type)
      const definition = id === undefined ? undefined : own(all, id)
      if (id === undefined || definition === undefined || Object.hasOwn(needed, id)) continue
      needed[id] = definition
      waiting.push(definition.nodes)
    }
  }
  return needed
}

/**
 * Adds a fragment with new ids. Its upper left corner is at `at`, or next to it if this place is taken.
 * @param keepLinks keeps links to nodes outside the fragment, if these nodes exist
 * @throws LoomError `limit` if the document would have too many nodes
 */
export function paste(
  workflow: Workflow,
  level: Level,
  fragment: Fragment,
  at: Point,
  options: { readonly keepLinks?: boolean } = {},
): Command {
  const { command, count, title } = placed(workflow, level, fragment, at, options)
  return { ...command, label: t('commands.paste', { count, title }) }
}

/** Adds copies of items at an offset `by`. By default the copies keep the links to their inputs. */
export function duplicate(
  workflow: Workflow,
  level: Level,
  keys: readonly ItemKey[],
  { keepLinks = true, by = [shift, shift] }: { readonly keepLinks?: boolean; readonly by?: Point } = {},
): Command {
  const fragment = cut(workflow, level, keys)
  const [x, y] = cornerOf(fragment)
  const { command } = placed(workflow, level, fragment, [x + by[0], y + by[1]], { keepLinks })
  return { ...command, label: t('commands.duplicate', countOf(workflow, level, keys)) }
}

function placed(
  workflow: Workflow,
  level: Level,
  fragment: Fragment,
  at: Point,
  { keepLinks = false }: { readonly keepLinks?: boolean },
) {
  refuseTooMany(workflow, fragment)
  const graph = graphAt(workflow, level)
  const subgraphs = renamedSubgraphs(workflow, fragment)
  const ids = freshIds(Object.keys(fragment.nodes), graph?.nodes ?? {})
  const [x, y] = cornerOf(fragment)
  const [left, top] = freeCorner(graph, fragment, at)
  const moved = <T extends { at: [number, number] }>(item: T): T => ({
    ...item,
    at: [item.at[0] - x + left, item.at[1] - y + top],
  })
  const isThere = (value: InputValue): boolean =>
    keepLinks &&
    (isLink(value)
      ? graph !== undefined && Object.hasOwn(graph.nodes, value.link[0])
      : isOuter(value) && Object.hasOwn(own(workflow.subgraphs ?? {}, level ?? '')?.inputs ?? {}, value.input))
  const relinked = (value: InputValue): InputValue | undefined => {
    if (!isLink(value)) return !isOuter(value) || isThere(value) ? value : undefined
    const id = ids.get(value.link[0])
    if (id === undefined) return isThere(value) ? { link: [...value.link] } : undefined
    return {
      ...value,
      link: [id, value.link[1]],
      ...(value.via && { via: value.via.map(([px, py]): [number, number] => [px - x + left, py - y + top]) }),
    }
  }
  const nodes = Object.entries(fragment.nodes).map(([id, node]) => {
    const inputs = Object.entries(node.inputs).flatMap(([name, value]) => {
      const kept = relinked(value)
      return kept === undefined ? [] : [[name, kept] as const]
    })
    const made = { ...moved(node), type: subgraphs.typeOf(node.type), inputs: Object.fromEntries(inputs) }
    return [ids.get(id) ?? id, made] as const
  })
  const frames = (fragment.frames ?? []).map(moved)
  const notes = (fragment.notes ?? []).map(moved)
  const select = [
    ...nodes.map(([id]) => id),
    ...frames.map((_, index) => frameKey((graph?.frames?.length ?? 0) + index)),
    ...notes.map((_, index) => noteKey((graph?.notes?.length ?? 0) + index)),
  ]
  const command: Omit<Command, 'label'> = {
    select,
    apply: (edited) => {
      const target = graphAt(edited, level)
      if (!target) return
      for (const [id, node] of nodes) target.nodes[id] = node
      if (frames.length > 0) target.frames = [...(target.frames ?? []), ...frames]
      if (notes.length > 0) target.notes = [...(target.notes ?? []), ...notes]
      if (subgraphs.added.length > 0) {
        edited.subgraphs = { ...edited.subgraphs, ...Object.fromEntries(subgraphs.added) }
      }
    },
  }
  const [only] = nodes
  return { command, count: select.length, title: only?.[1].title ?? only?.[0] ?? t('commands.note') }
}

function refuseTooMany(workflow: Workflow, fragment: Fragment): void {
  const count = [...graphsOf(workflow), ...graphsOf({ ...workflow, ...fragment })].reduce(
    (sum, [, { nodes }]) => sum + Object.keys(nodes).length,
    0,
  )
  if (count <= maxNodes) return
  throw new LoomError('limit', t('commands.wouldBeTooLarge', { most: maxNodes }), {
    hint: t('commands.wouldBeTooLargeHint'),
  })
}

/** A new id for each id of the fragment. */
function freshIds(ids: readonly string[], taken: Readonly<Record<string, unknown>>): Map<string, string> {
  const used = new Set<string>()
  const fresh = new Map<string, string>()
  for (const id of ids) {
    const made = freshId(id, (name) => Object.hasOwn(taken, name) || used.has(name))
    used.add(made)
    fresh.set(id, made)
  }
  return fresh
}

/** The fragment's subgraphs that the document lacks, with new ids. */
function renamedSubgraphs(workflow: Workflow, { subgraphs = {} }: Fragment) {
  const theirs = workflow.subgraphs ?? {}
  const isSame = (id: string): boolean => {
    const mine = own(theirs, id)
    return mine !== undefined && isEqual(mine, own(subgraphs, id))
  }
  const lacking = Object.keys(subgraphs).filter((id) => !isSame(id))
  const ids = freshIds(lacking, theirs)
  const typeOf = (type: string): string => {
    const id = ids.get(subgraphOf(type) ?? '')
    return id === undefined ? type : instanceType(id)
  }
  const added = Object.entries(subgraphs).flatMap(([old, definition]) => {
    const id = ids.get(old)
    if (id === undefined) return []
    const nodes = Object.entries(definition.nodes).map(([inner, node]) => [inner, { ...node, type: typeOf(node.type) }])
    return [[id, { ...definition, nodes: Object.fromEntries(nodes) }] as const]
  })
  return { typeOf, added }
}

function everyKey({ nodes, frames = [], notes = [] }: Graph): ItemKey[] {
  return [
    ...Object.keys(nodes),
    ...frames.map((_, index) => frameKey(index)),
    ...notes.map((_, index) => noteKey(index)),
  ]
}

function cornerOf(fragment: Fragment): Point {
  const { x = 0, y = 0 } = around(boxesOf(fragment, everyKey(fragment), new Map())) ?? {}
  return [x, y]
}

/** A place for the fragment, starting at `at` and going down to the right, where no node lies exactly on another. */
function freeCorner(graph: Graph | undefined, fragment: Fragment, at: Point): Point {
  const places = boxesOf(graph, graph ? everyKey(graph) : [], new Map())
  const taken = new Set(places.map(({ x, y }) => `${x},${y}`))
  const [x, y] = cornerOf(fragment)
  const theirs = boxesOf(fragment, everyKey(fragment), new Map())
  let [left, top] = at
  while (theirs.some((box) => taken.has(`${box.x - x + left},${box.y - y + top}`))) {
    left += shift
    top += shift
  }
  return [left, top]
}
