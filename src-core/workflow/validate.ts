import { LoomError } from '#core/errors.ts'
import { convert } from '#core/types/convert.ts'
import { explain } from '#core/types/explain.ts'
import { type Facts, factOf } from '#core/types/facts.ts'
import type { Type } from '#core/types/types.ts'
import { type Argument, constantsOf, type TypedGraph, type TypedNode } from './analyse.ts'
import { own } from './document.ts'
import { idAndOwners } from './flat-id.ts'
import { goalsOf, neededBy } from './goals.ts'
import { listed } from './listed.ts'
import type { InputPort } from './node-type.ts'
import { printCycle } from './order.ts'
import { axisProblems } from './variations.ts'

/**
 * All problems of a workflow, each with its node and input. Ids of nodes inside subgraphs begin with the id of the
 * instance. Muted nodes and nodes that depend on them are ignored.
 */
export function validate(graph: TypedGraph): LoomError[] {
  const problems = listedProblemsOf(graph, new Set(graph.nodes.keys()))
  return goalsOf(graph).length > 0 ? problems : [...problems, makesNothing()]
}

/**
 * The warnings of the nodes that a run needs. Empty for an invalid graph, whose problems come first.
 * @param targets see `goalsOf`
 * @throws LoomError as `goalsOf`
 */
export const advise = (graph: TypedGraph, targets?: readonly string[]): LoomError[] =>
  adviceOf(graph, neededBy(goalsOf(graph, targets), graph))

/** The problem of a workflow without an effect. */
export function makesNothing(): LoomError {
  return new LoomError('invalid', 'The workflow makes nothing: no node in it saves a picture.', {
    hint: 'Add a Save Image node, or turn on the one that is muted.',
  })
}

/** The problems of some nodes of a graph, and those of the document as a whole. */
export const problemsOf = (graph: TypedGraph, ids: ReadonlySet<string>): LoomError[] => [...eachProblem(graph, ids)]

/** Nobody reads more, and each costs the time and memory of an error. */
const mostListed = 1000

/** {@link problemsOf} for a list: a generated document of tens of thousands of faults is cut, and says so. */
export function listedProblemsOf(graph: TypedGraph, ids: ReadonlySet<string>): LoomError[] {
  const problems: LoomError[] = []
  for (const problem of eachProblem(graph, ids)) {
    if (problems.length < mostListed) problems.push(problem)
    else {
      const message = `There are more problems; the first ${mostListed} are listed.`
      return [...problems, new LoomError('limit', message, { hint: 'Mend these, then look again.' })]
    }
  }
  return problems
}

function* eachProblem(graph: TypedGraph, ids: ReadonlySet<string>): Generator<LoomError> {
  const owners = new Set([...ids].flatMap((id) => [...idAndOwners(id)]))
  yield* graph.flat.problems.filter(({ node }) => node === undefined || owners.has(node))
  for (const cycle of graph.cycles) if (cycle.some((id) => ids.has(id))) yield cycleProblem(cycle)
  for (const [id, node] of graph.nodes) {
    if (ids.has(id) && !node.silent) yield* nodeProblems(node, graph)
  }
}

/** The advice of those of the given nodes that have no problems. */
export function adviceOf(graph: TypedGraph, ids: ReadonlySet<string>): LoomError[] {
  return [...graph.nodes].flatMap(([id, node]) => {
    if (!ids.has(id) || node.silent) return []
    const told = [node.type?.advise?.(node.inputTypes, graph.facts, constantsOf(node)) ?? []].flat()
    const advice = [...noticesOf(node, graph.facts), ...told]
    return advice.length > 0 && nodeProblems(node, graph).length === 0 ? advice.map((each) => atInput(each, node)) : []
  })
}

/** What was left out or guessed to read the files of a node. */
function noticesOf({ inputs }: TypedNode, facts: Facts): LoomError[] {
  return [...inputs].flatMap(([input, { port, argument }]) => {
    if (port.type.kind !== 'file' || argument.kind !== 'constant') return []
    const name = String(argument.value)
    const notice = factOf(facts, port.type.of, name)?.notice
    return notice === undefined ? [] : [new LoomError('unsure', `${name}: ${notice}`, { input, hint: noticeHint })]
  })
}

const noticeHint = 'If pictures look wrong, save the model again with its usual names.'

function cycleProblem(cycle: readonly string[]): LoomError {
  const [node = ''] = cycle
  if (cycle.length === 1) {
    return new LoomError('cycle', `The node ${node} is linked to itself.`, { node, hint: 'Remove this link.' })
  }
  const message = `These nodes feed each other in a circle: ${printCycle([...cycle].reverse())}.`
  return new LoomError('cycle', message, { node, hint: 'Remove one of the links between them.' })
}

function nodeProblems(node: TypedNode, graph: TypedGraph): LoomError[] {
  const { flat, type } = node
  if (type === undefined) {
    // a subgraph that could not be opened is already reported, with the reason
    return graph.flat.signatureOf(flat.node) ? [] : [unknownNode(node)]
  }
  const problems: LoomError[] = []
  if (flat.node.version > type.version) {
    const message = `${node.title} was saved by a newer version of its node (${flat.node.version}; known is ${type.version}).`
    problems.push(new LoomError('unsupported', message, { node: flat.id, hint: 'Install a newer Latent Loom.' }))
  }
  for (const input of flat.inputs.keys()) {
    if (node.inputs.has(input)) continue
    const hint = `It has ${listed([...node.inputs.keys()])}.`
    problems.push(new LoomError('not-found', `${node.title} has no input "${input}".`, { node: flat.id, input, hint }))
  }
  const found = [...node.inputs.values()].flatMap(
    ({ port, argument }) => inputProblem(node, port, argument, graph) ?? [],
  )
  problems.push(...found, ...fileProblems(node, graph.facts), ...axisProblems(node, graph.workflow, graph.catalogue))
  // `check` compares inputs, so each of them must be valid
  const between = problems.length === 0 ? type.check?.(node.inputTypes, graph.facts) : undefined
  if (between) problems.push(atInput(between, node))
  return problems
}

function unknownNode({ flat }: TypedNode): LoomError {
  return new LoomError('unknown-node', `The node ${flat.id} is of the type "${flat.node.type}", which is not known.`, {
    node: flat.id,
    hint: 'Install the version that has it, or remove the node; its settings are kept until then.',
  })
}

function inputProblem(node: TypedNode, port: InputPort, argument: Argument, graph: TypedGraph): LoomError | undefined {
  const { title } = node
  switch (argument.kind) {
    case 'wrong':
      return argument.error.at(argument.origin.node, argument.origin.input)
    case 'open':
      return port.optional ? undefined : missing(title, port, argument)
    case 'link':
      return linkProblem(title, port, argument, graph)
    case 'constant':
      return undefined
  }
}

/** Hints for open inputs, by kind. */
const remedies: { readonly [K in Type['kind']]?: string } = { file: 'Choose a file.', text: 'Type a text.' }

function missing(title: string, port: InputPort, { because, origin }: Extract<Argument, { kind: 'open' }>): LoomError {
  const reason = because === undefined ? '' : `: ${because}`
  const hint = remedies[port.type.kind] ?? explain({ kind: 'nothing', reason: '' }, port.type).fix
  return new LoomError('missing-input', `${port.label} of ${title} is not set${reason}.`, { ...origin, hint })
}

function linkProblem(
  title: string,
  port: InputPort,
  { node, output, origin, type }: Extract<Argument, { kind: 'link' }>,
  { nodes }: TypedGraph,
): LoomError | undefined {
  const source = nodes.get(node)
  const outputs = source?.type?.outputs
  if (outputs && !Object.hasOwn(outputs, output)) {
    return new LoomError(
      'not-found',
      `${port.label} of ${title} is linked to the output "${output}" of ${source.title}, which is not there.`,
      {
        ...origin,
        hint: `It has ${listed(Object.keys(outputs))}.`,
      },
    )
  }
  // explains only invalid links, because the editor checks all links at every change
  if (convert(type, port.type)) return undefined
  const label = own(outputs ?? {}, output)?.label ?? output
  const ends = { from: `${label} of ${source?.title ?? node}`, to: `${port.label} of ${title}` }
  const { long, fix } = explain(type, port.type, ends)
  return new LoomError('type', long, { ...origin, hint: fix })
}

function fileProblems(node: TypedNode, facts: Facts): LoomError[] {
  return [...node.inputs.values()].flatMap(({ port, argument }) => {
    if (port.type.kind !== 'file' || argument.kind !== 'constant') return []
    const name = String(argument.value)
    const fact = facts.file(port.type.of, name)
    if (fact.kind !== 'error') return []
    return [new LoomError(fact.code, fact.message, { ...argument.origin, hint: fact.hint })]
  })
}

/** An error of a node's `check`, at the input where the document sets the value. */
function atInput(error: LoomError, { flat, inputs }: TypedNode): LoomError {
  const argument = error.input === undefined ? undefined : inputs.get(error.input)?.argument
  const { code, message, hint, answers, sourceAnswers } = error
  if (argument === undefined) return error.at(flat.id)
  return new LoomError(code, message, { ...argument.origin, hint, answers, sourceAnswers })
}
