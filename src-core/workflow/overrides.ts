import { LoomError } from '#core/errors.ts'
import { readText } from './constant.ts'
import { isLink, isOuter, own, type Workflow, type WorkflowNode } from './document.ts'
import { listed } from './listed.ts'
import { mapNodes } from './map-nodes.ts'
import type { Catalogue, Constant, InputPort } from './node-type.ts'
import { type Signature, subgraphsOf } from './subgraphs.ts'

/** A value, as typed, for the input with this name in the form, or for `node.input`. */
export interface Override {
  readonly name: string
  readonly value: string
}

interface Target {
  readonly id: string
  readonly node: WorkflowNode
  readonly input: string
  readonly port: InputPort
}

/**
 * The workflow with the constants of `--seed` and `--set`. An override also replaces a link.
 * @param seed for every seed input without a link, also inside subgraphs; `overrides` take precedence
 * @throws LoomError `not-found`, with the known names, for an unknown name; `usage`, `type`, `range` or `limit` for a
 *   value that does not fit
 */
export function applyOverrides(
  workflow: Workflow,
  catalogue: Catalogue,
  overrides: readonly Override[],
  seed?: string,
): Workflow {
  const { signatureOf } = subgraphsOf(workflow, catalogue)
  const seeded = seed === undefined ? workflow : withSeed(workflow, signatureOf, seed)
  const nodes = { ...seeded.nodes }
  for (const { name, value } of overrides) {
    const { id, node, input, port } = targetOf({ ...seeded, nodes }, signatureOf, name)
    const constant = checked(readText(port.type, value, port.label), id, input)
    nodes[id] = { ...node, inputs: { ...node.inputs, [input]: constant } }
  }
  return { ...seeded, nodes }
}

type SignatureOf = (node: WorkflowNode) => Signature | undefined

/** Node and input of a name in the form, or of `node.input`. */
export function inputOf({ form }: Workflow, name: string): readonly [node: string, input: string] {
  const dot = name.indexOf('.')
  return form?.find((field) => field.name === name)?.input ?? [name.slice(0, Math.max(dot, 0)), name.slice(dot + 1)]
}

/**
 * The port of an input, by its name.
 * @throws LoomError `not-found`, with the known names, for an unknown name
 */
export function portNamed(workflow: Workflow, catalogue: Catalogue, name: string): InputPort {
  return targetOf(workflow, subgraphsOf(workflow, catalogue).signatureOf, name).port
}

function targetOf(workflow: Workflow, signatureOf: SignatureOf, name: string): Target {
  const [id, input] = inputOf(workflow, name)
  const node = own(workflow.nodes, id)
  if (node === undefined) {
    const nodes = listed(Object.keys(workflow.nodes))
    const fields = workflow.form?.length ? `one of ${listed(workflow.form.map((field) => field.name))}, or ` : ''
    throw new LoomError('not-found', `The workflow has nothing called "${name}" to set.`, {
      hint: `Set ${fields}node.input with one of the nodes ${nodes}.`,
    })
  }
  const ports = signatureOf(node)?.inputs ?? {}
  const port = own(ports, input)
  if (port === undefined) {
    throw new LoomError('not-found', `The node ${id} has no input "${input}".`, {
      node: id,
      hint: `It has ${listed(Object.keys(ports))}.`,
    })
  }
  return { id, node, input, port }
}

function withSeed(workflow: Workflow, signatureOf: SignatureOf, seed: string): Workflow {
  const value = readText({ kind: 'seed' }, seed, 'The seed')
  if (value instanceof LoomError) throw value
  let count = 0
  const seeded = mapNodes(workflow, (node) => {
    const names = seedInputs(node, signatureOf)
    count += names.length
    const seeds = Object.fromEntries(names.map((name) => [name, value]))
    return names.length === 0 ? node : { ...node, inputs: { ...node.inputs, ...seeds } }
  })
  if (count === 0) throw new LoomError('not-found', 'The workflow has no seed to set.', { hint: 'Leave --seed out.' })
  return seeded
}

/** Seed inputs that hold a constant or their default. */
function seedInputs(node: WorkflowNode, signatureOf: SignatureOf): string[] {
  return Object.entries(signatureOf(node)?.inputs ?? {}).flatMap(([name, { type }]) => {
    const value = own(node.inputs, name)
    const fixed = value !== undefined && (isLink(value) || isOuter(value))
    return type.kind === 'seed' && !fixed ? [name] : []
  })
}

function checked(constant: Constant | LoomError, node: string, input: string): Constant {
  if (constant instanceof LoomError) throw constant.at(node, input)
  return constant
}
