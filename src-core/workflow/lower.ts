import { LoomError } from '#core/errors.ts'
import { show } from '#core/plan/composites.ts'
import type { Plan } from '#core/plan/plan.ts'
import type { Step } from '#core/plan/step.ts'
import { convert } from '#core/types/convert.ts'
import { type Argument, analyse, type TypedGraph, type TypedNode } from './analyse.ts'
import { own } from './document.ts'
import { goalsOf, neededBy } from './goals.ts'
import type { InputPort, Lowered, LoweredOutputs } from './node-type.ts'
import { listedProblemsOf, makesNothing } from './validate.ts'
import { titleOfInput, variationsOf } from './variations.ts'

/**
 * Lowers the targets or all effects of a workflow and their dependencies, dependencies first. Other nodes and their
 * problems are ignored.
 * @param plan receives the steps, with the flat ids of their nodes
 * @param targets see `goalsOf`; their results are shown
 * @throws LoomError `invalid` with all problems as its `cause`; `not-found` for a target that does not exist
 */
export function lowerWorkflow(graph: TypedGraph, plan: Plan, targets?: readonly string[]): void {
  const goals = goalsOf(graph, targets)
  const needed = neededBy(goals, graph)
  const problems = listedProblemsOf(graph, needed)
  refuse(goals.length > 0 ? problems : [...problems, makesNothing()])
  const results = lowerNodes(graph, needed, { plan, cells: 1 })
  for (const { node, shown } of goals) {
    for (const step of shown.flatMap((output) => stepsIn(results.get(node)?.[output]))) {
      plan.forNode(node, () => show(plan, step, { prefix: node }))
    }
  }
}

type Results = ReadonlyMap<string, LoweredOutputs>

interface Lowering {
  readonly plan: Plan
  /** Number of grid cells that the nodes are lowered for. */
  readonly cells: number
}

/** Lowers the needed nodes, dependencies first. */
function lowerNodes(graph: TypedGraph, needed: ReadonlySet<string>, lowering: Lowering): Results {
  const results = new Map<string, LoweredOutputs>()
  for (const [id, node] of graph.nodes) {
    if (needed.has(id)) results.set(id, lowerNode(node, graph, results, lowering))
  }
  return results
}

/** The steps in a lowered value. */
function stepsIn(value: Lowered | undefined): Step[] {
  if (value === undefined || typeof value !== 'object') return []
  return 'op' in value ? [value] : value.flatMap(stepsIn)
}

function lowerNode(node: TypedNode, graph: TypedGraph, results: Results, lowering: Lowering): LoweredOutputs {
  const { flat, type, inputs, inputTypes } = node
  try {
    const varied = type?.vary ? resultsByCell(node, graph, lowering) : []
    const values = [...inputs].map(([name, { port, argument }]) => [
      name,
      port.each ? varied.map((cell) => argumentValue(argument, port, cell)) : argumentValue(argument, port, results),
    ])
    return lowering.plan.forNode(
      flat.id,
      () =>
        type?.lower(lowering.plan, Object.fromEntries(values), inputTypes, (input) => titleOfInput(graph, input)) ?? {},
    )
  } catch (error) {
    throw error instanceof LoomError ? error.at(flat.id) : error
  }
}

/** The results of the nodes before a varying node in each cell, row by row. Cells share equal steps. */
function resultsByCell(node: TypedNode, whole: TypedGraph, lowering: Lowering): Results[] {
  const cells: Results[] = []
  const variations = variationsOf(node, whole, lowering.cells)
  for (const variation of variations) {
    const graph = analyse(variation.workflow, whole.catalogue, whole.facts)
    const needed = neededBy([{ node: node.flat.id, shown: [] }], graph)
    needed.delete(node.flat.id)
    const problems = listedProblemsOf(graph, needed)
    refuse(problems.map((problem) => inCell(problem, variation.words)))
    cells[variation.index] = lowerNodes(graph, needed, { ...lowering, cells: lowering.cells * variations.length })
  }
  return cells
}

function inCell({ code, message, hint, node, input }: LoomError, words: string): LoomError {
  return new LoomError(code, `With ${words}: ${message}`, {
    hint,
    ...(node !== undefined && { node }),
    ...(input !== undefined && { input }),
  })
}

function argumentValue(argument: Argument, port: InputPort, results: Results): Lowered | undefined {
  if (argument.kind === 'constant') return argument.value
  if (argument.kind !== 'link') return undefined
  const value = own(results.get(argument.node) ?? {}, argument.output)
  // the graph is valid, so the conversion exists, and it maps lowered values to lowered values
  return convert(argument.type, port.type)?.(value) as Lowered | undefined
}

function refuse(problems: readonly LoomError[]): void {
  if (problems.length === 0) return
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  throw new LoomError('invalid', `The workflow has ${count}.`, {
    hint: 'Correct what is listed; each problem names its node and input.',
    cause: problems,
  })
}
