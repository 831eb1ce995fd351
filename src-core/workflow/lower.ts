import { LoomError } from '#core/errors.ts'
import type { PlanBuilder } from '#core/plan/builder.ts'
import { convert } from '#core/types/convert.ts'
import type { Facts } from '#core/types/facts.ts'
import { type Argument, analyse, type TypedNode } from './analyse.ts'
import { own, type Workflow } from './document.ts'
import type { Catalogue, InputPort, Lowered, LoweredOutputs } from './node-type.ts'
import { effectsOf, neededBy, problemsOf } from './validate.ts'

/** A plan that books steps to the nodes that ask for them. */
interface PlanTarget extends PlanBuilder {
  forNode<T>(node: string, body: () => T): T
}

/**
 * Lowers what the effects of a workflow need, dependencies first; nodes that lead nowhere are left out, with their problems.
 * @param plan receives the steps, booked to the ids of the flat graph
 * @throws LoomError `invalid` with all problems as its `cause`
 */
export function lowerWorkflow(workflow: Workflow, catalogue: Catalogue, plan: PlanTarget, facts: Facts): void {
  const graph = analyse(workflow, catalogue, facts)
  const needed = neededBy(effectsOf(graph), graph)
  refuse(problemsOf(graph, needed, facts))
  const results = new Map<string, LoweredOutputs>()
  for (const [id, node] of graph.nodes) {
    if (needed.has(id)) results.set(id, lowerNode(node, plan, results))
  }
}

function lowerNode(
  { flat, type, inputs }: TypedNode,
  plan: PlanTarget,
  results: ReadonlyMap<string, LoweredOutputs>,
): LoweredOutputs {
  const values = [...inputs].map(([name, { port, argument }]) => [name, argumentValue(argument, port, results)])
  try {
    return plan.forNode(flat.id, () => type?.lower(plan, Object.fromEntries(values)) ?? {})
  } catch (error) {
    throw error instanceof LoomError ? error.at(flat.id) : error
  }
}

function argumentValue(
  argument: Argument,
  port: InputPort,
  results: ReadonlyMap<string, LoweredOutputs>,
): Lowered | undefined {
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
