import { LoomError } from '#core/errors.ts'
import { show } from '#core/plan/composites.ts'
import type { Plan } from '#core/plan/plan.ts'
import type { Step } from '#core/plan/step.ts'
import { convert } from '#core/types/convert.ts'
import { type Argument, analyse, type TypedGraph, type TypedNode } from './analyse.ts'
import { own } from './document.ts'
import { goalsOf, neededBy } from './goals.ts'
import type { InputPort, Lowered, LoweredOutputs } from './node-type.ts'
import { makesNothing, problemsOf } from './validate.ts'
import { variationsOf } from './variations.ts'

/**
 * Lowers what the effects of a workflow need, or its targets, dependencies first; nodes that lead nowhere are left out, with
 * their problems.
 * @param plan receives the steps, booked to the ids of the flat graph
 * @param targets see `goalsOf`; what they give is shown
 * @throws LoomError `invalid` with all problems as its `cause`; `not-found` for a target that is not there
 */
export function lowerWorkflow(graph: TypedGraph, plan: Plan, targets?: readonly string[]): void {
  const goals = goalsOf(graph, targets)
  const needed = neededBy(goals, graph)
  const problems = problemsOf(graph, needed)
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
  /** Cells that the nodes are lowered for. */
  readonly cells: number
}

/** What the nodes give, dependencies first. */
function lowerNodes(graph: TypedGraph, needed: ReadonlySet<string>, lowering: Lowering): Results {
  const results = new Map<string, LoweredOutputs>()
  for (const [id, node] of graph.nodes) {
    if (needed.has(id)) results.set(id, lowerNode(node, graph, results, lowering))
  }
  return results
}

/** The steps of a value that flows along a link. */
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
      () => type?.lower(lowering.plan, Object.fromEntries(values), inputTypes) ?? {},
    )
  } catch (error) {
    throw error instanceof LoomError ? error.at(flat.id) : error
  }
}

/** What the nodes before a varying node give in each of its cells, row by row; equal steps of several cells are one step. */
function resultsByCell(node: TypedNode, whole: TypedGraph, lowering: Lowering): Results[] {
  const cells: Results[] = []
  const variations = variationsOf(node, whole, lowering.cells)
  for (const variation of variations) {
    const graph = analyse(variation.workflow, whole.catalogue, whole.facts)
    const needed = neededBy([{ node: node.flat.id, shown: [] }], graph)
    needed.delete(node.flat.id)
    const problems = problemsOf(graph, needed)
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
  // The graph was validated, so the conversion is there, and a conversion keeps to what flows along links.
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
