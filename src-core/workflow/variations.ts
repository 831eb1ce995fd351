import { LoomError } from '#core/errors.ts'
import { constantsOf, type TypedGraph, type TypedNode } from './analyse.ts'
import type { Workflow } from './document.ts'
import { inputTitle } from './input-title.ts'
import type { Axis, Catalogue } from './node-type.ts'
import { applyOverrides, inputOf } from './overrides.ts'
import { subgraphsOf } from './subgraphs.ts'

/** Maximum number of cells of a grid, multiplied by those of the grids that it is drawn for. */
const maxCells = 256

/** The workflow of one cell of a grid. */
export interface Variation {
  readonly workflow: Workflow
  /** Index of the cell, row by row. */
  readonly index: number
  /** "Sampler: Seed = 42, Style LoRA: Model strength = 0.5" */
  readonly words: string
}

/** The display name of an input that an axis varies; the name itself if the input does not exist. */
export const titleOfInput = ({ workflow, catalogue }: TypedGraph, input: string): string =>
  inputTitle(workflow, subgraphsOf(workflow, catalogue).signatureOf, input) ?? input

/** The axes along which a node varies the nodes before it. Most nodes have none. */
export function axesOf(node: TypedNode): readonly Axis[] {
  return node.type?.vary?.(constantsOf(node)) ?? []
}

/**
 * The workflows of all cells, the first axis from left to right, the second from top to bottom. An axis that changes
 * networks varies slowest, so that each network is loaded once.
 * @param around number of cells of the grids that this one is drawn for
 * @throws LoomError `limit` for too many cells; the errors of `applyOverrides`, with the input of the axis
 */
export function variationsOf(node: TypedNode, graph: TypedGraph, around: number): readonly Variation[] {
  const { workflow, catalogue, nodes } = graph
  const axes = axesOf(node)
  const cells = axes.reduce((count, { values }) => count * values.length, around)
  if (cells > maxCells) {
    const hint = 'Take fewer values, or draw the grid in parts.'
    throw new LoomError('limit', `The grid would have ${cells} pictures; ${maxCells} is the most.`, {
      node: node.flat.id,
      hint,
    })
  }
  const strides = axes.map((_, at) => axes.slice(0, at).reduce((product, { values }) => product * values.length, 1))
  let variations: Variation[] = [{ workflow, index: 0, words: '' }]
  const order = axes.map((axis, at) => ({ axis, stride: strides[at] ?? 1, title: titleOfInput(graph, axis.input) }))
  for (const { axis, stride, title } of order.sort(
    (a, b) => Number(changesNetworks(b.axis, workflow, nodes)) - Number(changesNetworks(a.axis, workflow, nodes)),
  )) {
    variations = variations.flatMap((before) =>
      axis.values.map((value, place) => ({
        workflow: varied(before.workflow, catalogue, node, axis, value),
        index: before.index + place * stride,
        words: [before.words, `${title} = ${value}`].filter(Boolean).join(', '),
      })),
    )
  }
  return variations
}

/** The problems of a node's axes. */
export function axisProblems(node: TypedNode, workflow: Workflow, catalogue: Catalogue): LoomError[] {
  return axesOf(node).flatMap((axis) => {
    try {
      for (const value of axis.values) varied(workflow, catalogue, node, axis, value)
      return []
    } catch (error) {
      if (error instanceof LoomError) return [error]
      throw error
    }
  })
}

function varied(workflow: Workflow, catalogue: Catalogue, node: TypedNode, axis: Axis, value: string): Workflow {
  try {
    return applyOverrides(workflow, catalogue, [{ name: axis.input, value }])
  } catch (error) {
    if (!(error instanceof LoomError)) throw error
    throw new LoomError(error.code, error.message, { node: node.flat.id, input: axis.from, hint: error.hint })
  }
}

const networks: ReadonlySet<string> = new Set(['model', 'clip', 'vae'])

/** Whether an axis sets an input of a node that outputs networks, so that each value needs another session. */
function changesNetworks({ input: name }: Axis, workflow: Workflow, nodes: TypedGraph['nodes']): boolean {
  const [id, input] = inputOf(workflow, name)
  return [...nodes.values()].some(
    ({ inputs, outputs }) =>
      Object.values(outputs).some(({ kind }) => networks.has(kind)) &&
      [...inputs.values()].some(({ argument: { origin } }) => origin.node === id && origin.input === input),
  )
}
