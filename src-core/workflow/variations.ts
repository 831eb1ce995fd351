import { LoomError } from '#core/errors.ts'
import type { Facts } from '#core/types/facts.ts'
import { analyse, type TypedGraph, type TypedNode } from './analyse.ts'
import type { Workflow } from './document.ts'
import type { Axis, Catalogue, Constant } from './node-type.ts'
import { applyOverrides } from './overrides.ts'

/** Pictures that one grid may have. */
const maxCells = 256

/** The workflow as one cell of a grid is drawn with. */
export interface Variation {
  readonly workflow: Workflow
  /** Its place among the cells, row by row. */
  readonly index: number
  /** "sampler.seed = 42, lora.modelStrength = 0.5" */
  readonly words: string
}

/** The axes along which a node varies what is linked to it; none for most nodes. */
export function axesOf({ type, inputs }: TypedNode): readonly Axis[] {
  const constants = [...inputs].flatMap(([name, { argument }]): [string, Constant][] =>
    argument.kind === 'constant' ? [[name, argument.value]] : [],
  )
  return type?.vary?.(Object.fromEntries(constants)) ?? []
}

/**
 * The workflows of all cells, the first axis from left to right, the second from top to bottom. They come sorted by model: an axis that
 * changes networks is walked slowest, so that each network is loaded once.
 * @throws LoomError `limit` for too many cells; what `applyOverrides` throws, said of the axis
 */
export function variationsOf(node: TypedNode, workflow: Workflow, catalogue: Catalogue, facts: Facts): Variation[] {
  const axes = axesOf(node)
  const cells = axes.reduce((count, { values }) => count * values.length, 1)
  if (cells > maxCells) {
    const hint = 'Take fewer values, or draw the grid in parts.'
    throw new LoomError('limit', `The grid would have ${cells} pictures; ${maxCells} is the most.`, {
      node: node.flat.id,
      hint,
    })
  }
  const graph = analyse(workflow, catalogue, facts)
  const strides = axes.map((_, at) => axes.slice(0, at).reduce((product, { values }) => product * values.length, 1))
  let variations: Variation[] = [{ workflow, index: 0, words: '' }]
  const order = axes.map((axis, at) => ({ axis, stride: strides[at] ?? 1 }))
  for (const { axis, stride } of order.sort(
    (a, b) => Number(changesNetworks(b.axis, graph)) - Number(changesNetworks(a.axis, graph)),
  )) {
    variations = variations.flatMap((before) =>
      axis.values.map((value, place) => ({
        workflow: varied(before.workflow, catalogue, node, axis, value),
        index: before.index + place * stride,
        words: [before.words, `${axis.input} = ${value}`].filter(Boolean).join(', '),
      })),
    )
  }
  return variations
}

/** What is wrong with the axes of a node by themselves. */
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

/** Whether an axis sets a node that hands out networks: another value means another session. */
function changesNetworks({ input }: Axis, { nodes }: TypedGraph): boolean {
  const node = nodes.get(input.slice(0, input.indexOf('.')))
  return Object.values(node?.outputs ?? {}).some(({ kind }) => networks.has(kind))
}
