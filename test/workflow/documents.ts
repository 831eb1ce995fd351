import { readFileSync } from 'node:fs'
import { LoomError } from '#core/errors.ts'
import { Plan } from '#core/plan/plan.ts'
import { type Facts, nothingKnown } from '#core/types/facts.ts'
import { analyse } from '#core/workflow/analyse.ts'
import type { InputValue, Subgraph, Workflow, WorkflowNode } from '#core/workflow/document.ts'
import { lowerWorkflow } from '#core/workflow/lower.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { catalogue } from '#nodes/catalogue.ts'

/** What is known of a whole checkpoint of SD1.x. */
export const checkpointFact = {
  kind: 'checkpoint',
  family: 'sd1',
  told: { training: { prediction: 'epsilon' } },
  guidanceEmbedding: false,
  hasModel: true,
  hasClip: true,
  hasVae: true,
} as const

export const templateText = (name: string): string =>
  readFileSync(new URL(`../../resources/templates/${name}.loom.json`, import.meta.url), 'utf8')

export const template = (name: string): Workflow => parseWorkflow(templateText(name))

export const link = (node: string, output: string): InputValue => ({ link: [node, output] })

export function node(type: string, inputs: Record<string, InputValue>, more: Partial<WorkflowNode> = {}): WorkflowNode {
  return { type, version: 1, at: [0, 0], ...more, inputs }
}

export function workflowOf(nodes: Workflow['nodes'], subgraphs: Record<string, Subgraph> = {}): Workflow {
  return { format: 'latent-loom', version: 1, nodes, subgraphs }
}

/** The template with some nodes put in, or changed. */
export function changed(name: string, nodes: Workflow['nodes']): Workflow {
  const document = template(name)
  return { ...document, nodes: { ...document.nodes, ...nodes } }
}

/** The template with some inputs of one node set. */
export function withInputs(name: string, id: string, inputs: Record<string, InputValue>): Workflow {
  const old = template(name).nodes[id]
  if (old === undefined) throw new Error(`${name} has no node ${id}`)
  return changed(name, { [id]: { ...old, inputs: { ...old.inputs, ...inputs } } })
}

export const typed = (workflow: Workflow, facts = nothingKnown) => analyse(workflow, catalogue, facts)

/** The steps of the plan that a workflow lowers to, without ids: effects with everything that they need. */
export function planOf(workflow: Workflow, facts: Facts = nothingKnown): unknown[] {
  const plan = new Plan()
  lowerWorkflow(typed(workflow, facts), plan)
  const shape = ({ op, attributes, inputs }: (typeof plan.effects)[number]): unknown => ({
    op,
    attributes,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, step]) => [name, shape(step)])),
  })
  return plan.effects.map(shape)
}

/** The LoomError that `body` throws, of an invalid workflow its only problem; anything else, and nothing, fails the test. */
export function errorOf(body: () => unknown): LoomError {
  try {
    body()
  } catch (error) {
    if (!(error instanceof LoomError)) throw error
    const problems: unknown = error.code === 'invalid' ? error.cause : undefined
    const [only, ...rest] = Array.isArray(problems) ? problems : []
    return only instanceof LoomError && rest.length === 0 ? only : error
  }
  throw new Error('no error was thrown')
}
