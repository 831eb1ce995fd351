import { LoomError } from '#core/errors.ts'
import type { Type } from '#core/types/types.ts'
import { readConstant } from '#core/workflow/constant.ts'
import {
  constantOf,
  type InputValue,
  isFed,
  isLink,
  isOuter,
  own,
  type Workflow,
  type WorkflowNode,
} from '#core/workflow/document.ts'
import type { Constant, InputPort } from '#core/workflow/node-type.ts'
import { instanceType } from '#core/workflow/subgraphs.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { isEqual } from '../store/alike.ts'
import type { Command } from '../store/command.ts'
import { graphAt, type Level, type LinkEnd, linksIn, nodeAt, type Point } from '../store/graph.ts'
import { signatureIn } from '../store/signatures.ts'
import { t } from '../strings/t.ts'
import { type InputEdit, inGraph, valueAt, writeInput } from './edit.ts'
import { bestInput, bestOutput, fitOf } from './fit.ts'
import { freshId, outputLabel, titleOf } from './names.ts'
import { blankNode, removeItems, setInput } from './nodes.ts'
import { type Surroundings, suitedInputs } from './surroundings.ts'

/** A fix for a problem, offered as a button. */
export interface Fix {
  readonly label: string
  readonly command: Command
}

/** Where a problem is, and the values that settle it, if it says so. */
interface Place {
  readonly node?: string | undefined
  readonly input?: string | undefined
  readonly answers?: readonly Constant[] | undefined
  /** Values for inputs of the node that feeds the input. */
  readonly sourceAnswers?: Readonly<Record<string, Constant>> | undefined
}

/** Maximum number of outputs, and of new nodes, offered for an input. */
const maxOffered = 3

/** Distance of a new node to the left of the node that it feeds. */
const columnWidth = 320

/**
 * Fixes for a problem of a node or for a wrong link, best first.
 * @param place the link's end, or node, input and answers of the problem, with ids of the level
 */
export function fixesFor(workflow: Workflow, level: Level, place: Place, surroundings: Surroundings): Fix[] {
  const { node: id, input, answers, sourceAnswers } = place
  const node = id === undefined ? undefined : nodeAt(workflow, level, id)
  if (id === undefined || !node) return []
  const signature = signatureIn(workflow, node)
  if (!signature) {
    const label = t('commands.fix.removeNode', { title: titleOf(workflow, node) })
    return [{ label, command: removeItems(workflow, level, [id]) }]
  }
  if (input === undefined) return []
  const end = { node: id, input }
  const port = own(signature.inputs, input)
  const value = valueAt(workflow, level, end)
  const unlink: Fix = {
    label: t('commands.fix.unlink'),
    command: setInput(workflow, level, id, input, undefined),
  }
  if (!port) return [unlink]
  const titleOfValue = (constant: Constant) => port.titles?.[constant] ?? constant
  const setTo = (constant: Constant): Fix => ({
    label: t('commands.fix.reset', { field: port.label, value: titleOfValue(constant) }),
    command: setInput(workflow, level, id, input, constant),
  })
  if (answers && (value === undefined || !(isLink(value) || isOuter(value)))) {
    // several answer a question, which the buttons need not repeat
    return answers.length === 1
      ? answers.map(setTo)
      : answers.map((answer) => ({ ...setTo(answer), label: String(titleOfValue(answer)) }))
  }
  if (sourceAnswers) {
    return value !== undefined && isLink(value) ? setAtSource(workflow, level, value.link[0], sourceAnswers) : []
  }
  const site = new Site(workflow, level, end, port, surroundings)
  if (value === undefined) return [...site.sources(), ...site.providers()]
  if (isLink(value)) return [...site.bridges(value.link), ...site.sources(), unlink]
  if (isOuter(value)) return [...site.sources(), unlink]
  const { default: fallback } = port
  const isWrong = readConstant(port.type, constantOf(value), '') instanceof LoomError
  return isWrong && fallback !== undefined ? [setTo(fallback)] : []
}

/** Sets inputs of a node, if it has fields for all of them. */
function setAtSource(workflow: Workflow, level: Level, id: string, values: Readonly<Record<string, Constant>>): Fix[] {
  const node = nodeAt(workflow, level, id)
  const signature = node && signatureIn(workflow, node)
  if (!node || !signature) return []
  const fields = Object.entries(values).flatMap(([input, value]) => {
    const port = own(signature.inputs, input)
    return port && !isFed(own(node.inputs, input)) ? [{ input, value, field: port.label }] : []
  })
  if (fields.length < Object.keys(values).length) return []
  const said = fields.map(({ field, value }) => t('commands.fix.value', { field, value }))
  const label = t('commands.fix.setAll', { title: titleOf(workflow, node), values: said.join(', ') })
  const apply = inGraph(level, (graph) => {
    for (const { input, value } of fields) writeInput(graph, [{ node: id, input }, value])
  })
  return [{ label, command: { label, select: [id], apply } }]
}

/** Finds possible sources for an input. */
class Site {
  readonly #workflow: Workflow
  readonly #level: Level
  readonly #end: LinkEnd
  readonly #port: InputPort
  readonly #surroundings: Surroundings
  readonly #nodes: Workflow['nodes']
  /** Nodes with which a link would form a cycle. */
  readonly #downstream: ReadonlySet<string>

  constructor(workflow: Workflow, level: Level, end: LinkEnd, port: InputPort, surroundings: Surroundings) {
    this.#workflow = workflow
    this.#level = level
    this.#end = end
    this.#port = port
    this.#surroundings = surroundings
    const graph = graphAt(workflow, level) ?? { nodes: {} }
    this.#nodes = graph.nodes
    this.#downstream = downstreamOf(end.node, [...linksIn(graph)])
  }

  /** Links to existing outputs and to inputs of the subgraph. */
  sources(): Fix[] {
    const value = valueAt(this.#workflow, this.#level, this.#end)
    const held = value !== undefined && isLink(value) ? { link: value.link } : value
    return this.#fitting(this.#port.type)
      .filter(({ value }) => !isEqual(value, held))
      .slice(0, maxOffered)
      .map(({ value, label }) => ({ label: label(), command: this.#adding(label(), [[this.#end, value]]) }))
  }

  /** A new node between the two ends of a link. */
  bridges([source, output]: readonly [string, string]): Fix[] {
    const node = own(this.#nodes, source)
    const from = node && this.#typesOf(source, node)[output]
    const target = own(this.#nodes, this.#end.node)
    if (!from || !target || from.kind === this.#port.type.kind || fitOf(from, this.#port.type) > 0) return []
    const at: Point = [(node.at[0] + target.at[0]) / 2, (node.at[1] + target.at[1]) / 2]
    return [...catalogue.values()].flatMap((type) => {
      const input = bestInput(from, type.inputs, {})
      if (input === undefined || type.inputs[input]?.type.kind !== from.kind) return []
      const made = this.#providing(type.type, at, [[input, { link: [source, output] }]])
      return made ? [{ label: t('commands.fix.bridge', { title: type.title }), command: made.command }] : []
    })
  }

  /** New nodes whose output fits the input. Nodes whose own inputs can be linked come first. */
  providers(): Fix[] {
    const target = own(this.#nodes, this.#end.node)
    const at: Point = [(target?.at[0] ?? 0) - columnWidth, target?.at[1] ?? 0]
    return [...catalogue.values()]
      .filter(({ inputs }) => Object.values(inputs).every((port) => port.type.kind !== this.#port.type.kind))
      .flatMap((type) => {
        const made = this.#providing(type.type, at, [])
        return made ? [{ label: t('commands.fix.add', { title: type.title }), ...made }] : []
      })
      .sort((a, b) => a.open - b.open)
      .slice(0, maxOffered)
      .map(({ label, command }) => ({ label, command }))
  }

  /** A new node that feeds the input, linked to existing outputs, and the number of its open inputs. */
  #providing(type: string, wanted: Point, given: readonly (readonly [string, InputValue])[]) {
    const suited = suitedInputs(this.#workflow, this.#level, type, this.#surroundings, this.#end.node)
    const inputs = { ...suited, ...Object.fromEntries(given) }
    const node = blankNode(type, this.#surroundings.spotFor({ type, inputs }, wanted), inputs)
    const signature = signatureIn(this.#workflow, node)
    const output = signature && bestOutput(signature.outputs, this.#port.type)
    if (!signature || output === undefined) return undefined
    const id = freshId(type, (name) => Object.hasOwn(this.#nodes, name))
    let open = 0
    for (const [name, port] of Object.entries(signature.inputs)) {
      if (Object.hasOwn(node.inputs, name) || port.optional || port.default !== undefined) continue
      const [found] = this.#fitting(port.type)
      if (found) node.inputs[name] = found.value
      else open += 1
    }
    const label = t('commands.addNode', { title: signature.title })
    return { command: this.#adding(label, [[this.#end, { link: [id, output] }]], [id, node]), open }
  }

  /** Sources that fit a type: exact before converted, near before far, inputs of the subgraph last. */
  #fitting(type: Type): { readonly value: InputValue; readonly label: () => string }[] {
    const [x, y] = own(this.#nodes, this.#end.node)?.at ?? [0, 0]
    const found = Object.entries(this.#nodes).flatMap(([id, node]) => {
      if (this.#downstream.has(id)) return []
      const distance = Math.hypot(node.at[0] - x, node.at[1] - y)
      return Object.entries(this.#typesOf(id, node)).map(([output, from]) => ({
        value: { link: [id, output] satisfies [string, string] },
        label: () => this.#linkLabel(node, output),
        fits: fitOf(from, type),
        distance,
      }))
    })
    const outer = Object.entries(this.#subgraphInputs()).map(([input, port]) => ({
      value: { input },
      label: () => t('commands.fix.linkOuter', { input: port.label }),
      fits: port.type.kind === 'unknown' ? 0 : fitOf(port.type, type),
      distance: Number.POSITIVE_INFINITY,
    }))
    return [...found, ...outer]
      .filter(({ fits }) => fits > 0)
      .sort((a, b) => b.fits - a.fits || (a.distance < b.distance ? -1 : Number(a.distance > b.distance)))
  }

  #linkLabel(node: WorkflowNode, output: string): string {
    const title = titleOf(this.#workflow, node)
    return t('commands.fix.link', { output: outputLabel(this.#workflow, node, output), title })
  }

  #subgraphInputs(): Readonly<Record<string, InputPort>> {
    if (this.#level === undefined) return {}
    return signatureIn(this.#workflow, blankNode(instanceType(this.#level), [0, 0]))?.inputs ?? {}
  }

  /** The output types of a node: inferred, or else declared. */
  #typesOf(id: string, node: WorkflowNode): Readonly<Record<string, Type>> {
    const ports = Object.entries(signatureIn(this.#workflow, node)?.outputs ?? {})
    const inferred = this.#surroundings.types(id) ?? {}
    return Object.fromEntries(ports.map(([name, { type }]) => [name, own(inferred, name) ?? type]))
  }

  #adding(label: string, edits: readonly InputEdit[], added?: readonly [string, WorkflowNode]): Command {
    return {
      label,
      ...(added && { select: [added[0]] }),
      apply: inGraph(this.#level, (graph) => {
        if (added) graph.nodes[added[0]] = added[1]
        for (const edit of edits) writeInput(graph, edit)
      }),
    }
  }
}

/** A node and all nodes that depend on it. */
function downstreamOf(
  id: string,
  links: readonly (readonly [LinkEnd, { readonly link: readonly [string, string] }])[],
) {
  const consumers = Map.groupBy(links, ([, { link }]) => link[0])
  const found = new Set<string>()
  const waiting = [id]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue
    found.add(next)
    waiting.push(...(consumers.get(next) ?? []).map(([{ node }]) => node))
  }
  return found
}
