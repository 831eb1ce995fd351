import { type InputValue, isLink, isOuter, own, type Workflow, type WorkflowNode } from '#core/workflow/document.ts'
import type { Command } from '../store/command.ts'
import { type Level, type LinkEnd, nodeAt, type Point } from '../store/graph.ts'
import { signatureIn } from '../store/signatures.ts'
import type { PortRef } from '../store/ui.ts'
import { t } from '../strings/t.ts'
import { type InputEdit, inGraph, valueAt, writeInput } from './edit.ts'
import { bestInput, bestOutput } from './fit.ts'
import { inputLabel, outputLabel, titleOf } from './names.ts'

/** Links an output and an input, given in any order. Replaces the input's value. The link may be wrong. */
export function connect(workflow: Workflow, level: Level, from: PortRef, to: PortRef): Command {
  const [output, input] = from.side === 'output' ? [from, to] : [to, from]
  const end: LinkEnd = { node: input.node, input: input.port }
  const held = valueAt(workflow, level, end)
  const same = held !== undefined && isLink(held) && held.link[0] === output.node && held.link[1] === output.port
  const possible = output.side === 'output' && input.side === 'input' && !same
  const source = nodeAt(workflow, level, output.node)
  const target = nodeAt(workflow, level, input.node)
  return {
    label: t('commands.connect', {
      from: outputLabel(workflow, source, output.port),
      to: target ? titleOf(workflow, target) : input.node,
    }),
    apply: inGraph(level, (graph) => {
      if (possible) writeInput(graph, [end, { link: [output.node, output.port] }])
    }),
  }
}

/** Removes the links with these ends. */
export function disconnect(workflow: Workflow, level: Level, ends: readonly LinkEnd[]): Command {
  const linked = ends.filter((end) => {
    const value = valueAt(workflow, level, end)
    return value !== undefined && (isLink(value) || isOuter(value))
  })
  return writing(
    level,
    t('commands.disconnect', { count: linked.length }),
    linked.map((end) => [end, undefined]),
  )
}

/** Moves a link from one input to another, and replaces the other's value. */
export function moveLink(workflow: Workflow, level: Level, end: LinkEnd, to: LinkEnd): Command {
  const value = valueAt(workflow, level, end)
  const stays = value === undefined || (end.node === to.node && end.input === to.input)
  return writing(
    level,
    t('commands.moveLink'),
    stays
      ? []
      : [
          [end, undefined],
          [to, value],
        ],
  )
}

/** Sets the points of a link. */
export function setVia(
  workflow: Workflow,
  level: Level,
  end: LinkEnd,
  points: readonly Point[],
  group?: string,
): Command {
  const value = valueAt(workflow, level, end)
  const edits: InputEdit[] = []
  if (value !== undefined && isLink(value)) {
    const { via, ...link } = value
    const same = JSON.stringify(via ?? []) === JSON.stringify(points)
    if (!same) edits.push([end, points.length === 0 ? link : { ...link, via: points.map(([x, y]) => [x, y]) }])
  }
  return { ...writing(level, t('commands.setVia'), edits), ...(group !== undefined && { group }) }
}

/**
 * The changes that insert a node into a link: the link goes to the node's best input, and the node's best output feeds
 * the old target. Undefined if no input or output fits.
 */
export function insertion(
  workflow: Workflow,
  level: Level,
  id: string,
  node: WorkflowNode,
  end: LinkEnd,
): InputEdit[] | undefined {
  const value = valueAt(workflow, level, end)
  const target = nodeAt(workflow, level, end.node)
  if (value === undefined || !isLink(value) || target === undefined || id === end.node || id === value.link[0]) {
    return undefined
  }
  const source = nodeAt(workflow, level, value.link[0])
  const from = source && own(signatureIn(workflow, source)?.outputs ?? {}, value.link[1])
  const to = own(signatureIn(workflow, target)?.inputs ?? {}, end.input)
  const through = signatureIn(workflow, node)
  if (!from || !to || !through) return undefined
  const input = bestInput(from.type, through.inputs, node.inputs)
  const output = bestOutput(through.outputs, to.type)
  if (input === undefined || output === undefined) return undefined
  const { via: _, ...link } = value
  return [
    [{ node: id, input }, link],
    [end, { link: [id, output] }],
  ]
}

/** Whether a node could be inserted into a link. */
export function fitsInLink(workflow: Workflow, level: Level, node: WorkflowNode, end: LinkEnd): boolean {
  return insertion(workflow, level, '', node, end) !== undefined
}

/** Inserts an existing node into a link. Changes nothing if no input or output fits. */
export function insertOnLink(workflow: Workflow, level: Level, id: string, end: LinkEnd): Command {
  const node = nodeAt(workflow, level, id)
  const edits = node && insertion(workflow, level, id, node, end)
  const title = node ? titleOf(workflow, node) : id
  return writing(level, t('commands.insertOnLink', { title }), edits ?? [])
}

/** Swaps the values of two inputs of a node, such as the positive and the negative prompt. */
export function swapInputs(workflow: Workflow, level: Level, node: string, first: string, second: string): Command {
  const ends = [
    { node, input: first },
    { node, input: second },
  ] as const
  const [a, b] = ends.map((end): InputValue | undefined => valueAt(workflow, level, end))
  const target = nodeAt(workflow, level, node)
  const names = { first: inputLabel(workflow, target, first), second: inputLabel(workflow, target, second) }
  return writing(level, t('commands.swapInputs', names), [
    [ends[0], b],
    [ends[1], a],
  ])
}

const writing = (level: Level, label: string, edits: readonly InputEdit[]): Command => ({
  label,
  apply: inGraph(level, (graph) => {
    for (const edit of edits) writeInput(graph, edit)
  }),
})
