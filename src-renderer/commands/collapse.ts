import {
  type InputValue,
  isLink,
  isOuter,
  type Link,
  own,
  type Subgraph,
  type Workflow,
  type WorkflowNode,
} from '#core/workflow/document.ts'
import { instanceType } from '#core/workflow/subgraphs.ts'
import type { Command } from '../store/command.ts'
import { graphAt, type ItemKey, type Level, noteKey, type Sizes } from '../store/graph.ts'
import { t } from '../strings/t.ts'
import { around, boxesOf } from './arrange.ts'
import { inGraph, keepFields, redirect, sorted } from './edit.ts'
import { freeSpot, obstaclesIn, usualNode } from './free-spot.ts'
import { freshId, inputLabel, outputLabel, uniqueName } from './names.ts'

/**
 * Moves items of a level into a new subgraph and puts an instance in their place. Links over the border, and inputs in
 * the form, become its inputs and outputs. The instance does not cover items that stay outside.
 */
export function collapseToSubgraph(
  workflow: Workflow,
  level: Level,
  keys: readonly ItemKey[],
  name: string,
  sizes: Sizes = new Map(),
): Command {
  const graph = graphAt(workflow, level)
  const inside = sorted(graph, keys)
  const subgraph = freshId(name, (id) => Object.hasOwn(workflow.subgraphs ?? {}, id))
  const instance = freshId(name, (id) => Object.hasOwn(graph?.nodes ?? {}, id) && !inside.nodes.has(id))
  const border = new Border(workflow, level, inside.nodes)
  const chosen = Object.entries(graph?.nodes ?? {}).filter(([id]) => inside.nodes.has(id))
  const nodes = chosen.map(([id, node]) => [id, border.enter(id, node)] as const)
  const relink = redirect(workflow, level, (link, end) => {
    const leadsOut = inside.nodes.has(link.link[0]) && !(end && inside.nodes.has(end.node))
    return leadsOut ? { ...link, link: [instance, border.output(link)] } : link
  })
  const frames = (graph?.frames ?? []).filter((_, index) => inside.frames.has(index))
  const notes = (graph?.notes ?? []).filter((_, index) => inside.notes.has(index))
  const definition: Subgraph = {
    name: name.trim() || subgraph,
    inputs: border.inputs,
    outputs: border.outputs,
    nodes: Object.fromEntries(nodes),
    ...(frames.length > 0 && { frames }),
    ...(notes.length > 0 && { notes }),
  }
  const { x = 0, y = 0 } = around(boxesOf(graph, inside.nodes, new Map())) ?? {}
  const within = new Set<ItemKey>([...inside.nodes, ...[...inside.notes].map(noteKey)])
  const outside = obstaclesIn(graph, sizes).filter(({ key }) => !within.has(key))
  const at = freeSpot(outside, [x, y], usualNode)
  return {
    label: t('commands.collapseToSubgraph', { name: definition.name ?? subgraph }),
    select: [instance],
    apply: (draft) => {
      if (nodes.length === 0) return
      relink(draft)
      draft.subgraphs = { ...draft.subgraphs, [subgraph]: definition }
      inGraph(level, (target) => {
        for (const id of inside.nodes) delete target.nodes[id]
        target.nodes[instance] = {
          type: instanceType(subgraph),
          version: 1,
          at: [...at],
          inputs: border.given,
          ...(Object.keys(border.after).length > 0 && { after: border.after }),
        }
        if (frames.length > 0) target.frames = target.frames?.filter((_, index) => !inside.frames.has(index))
        if (notes.length > 0) target.notes = target.notes?.filter((_, index) => !inside.notes.has(index))
      })(draft)
      keepFields(draft, level, ({ node, input }) => !inside.nodes.has(node) || border.exposed.has(`${node}:${input}`))
      if (level !== undefined) return
      for (const field of draft.form ?? []) {
        const port = border.exposed.get(field.input.join(':'))
        if (port !== undefined) field.input = [instance, port]
      }
    },
  }
}

/** The inputs and outputs of a new subgraph. */
class Border {
  readonly inputs: Subgraph['inputs'] = {}
  readonly outputs: Subgraph['outputs'] = {}
  /** Input values of the instance. */
  readonly given: Record<string, InputValue> = {}
  readonly after: NonNullable<WorkflowNode['after']> = {}
  /** Inputs of the subgraph by `node:input`, for inputs in the form. */
  readonly exposed = new Map<string, string>()
  readonly #workflow: Workflow
  readonly #graph: Workflow['nodes']
  readonly #inside: ReadonlySet<string>
  readonly #inForm: ReadonlySet<string>
  /** Inputs of the subgraph by their source outside. */
  readonly #bySource = new Map<string, string>()
  readonly #byOutput = new Map<string, string>()

  constructor(workflow: Workflow, level: Level, inside: ReadonlySet<string>) {
    this.#workflow = workflow
    this.#graph = graphAt(workflow, level)?.nodes ?? {}
    this.#inside = inside
    const form = level === undefined ? (workflow.form ?? []) : []
    this.#inForm = new Set(form.map(({ input }) => input.join(':')))
  }

  /** The node for the inside of the subgraph. */
  enter(id: string, node: WorkflowNode): WorkflowNode {
    const names = new Set(Object.keys(node.inputs))
    for (const field of this.#inForm) if (field.startsWith(`${id}:`)) names.add(field.slice(id.length + 1))
    const inputs: Record<string, InputValue> = {}
    const after = { ...node.after }
    for (const input of names) {
      const value = own(node.inputs, input)
      const key = `${id}:${input}`
      // an input in the form stays settable from outside, unless a link inside feeds it
      const isOpen = this.#isCrossing(value) || (this.#inForm.has(key) && !(value !== undefined && isLink(value)))
      const port = isOpen ? this.#input(key, node, input, value) : undefined
      if (port !== undefined) {
        inputs[input] = { input: port }
        const control = own(after, input)
        if (control !== undefined) this.after[port] = control
        delete after[input]
      } else if (value !== undefined) inputs[input] = value
    }
    const { after: _, ...rest } = node
    return { ...rest, inputs, ...(Object.keys(after).length > 0 && { after }) }
  }

  /** The subgraph's output for a link that leaves it. */
  output({ link: [id, output] }: Link): string {
    const known = this.#byOutput.get(`${id}:${output}`)
    if (known !== undefined) return known
    const name = uniqueName(output, (taken) => Object.hasOwn(this.outputs, taken))
    const label = outputLabel(this.#workflow, own(this.#graph, id), output)
    this.outputs[name] = { label: this.#numbered(label, name, output), link: [id, output] }
    this.#byOutput.set(`${id}:${output}`, name)
    return name
  }

  #isCrossing(value: InputValue | undefined): boolean {
    if (value === undefined) return false
    return isOuter(value) || (isLink(value) && !this.#inside.has(value.link[0]))
  }

  /** The subgraph's input for a value. All links from the same output share one input. */
  #input(key: string, node: WorkflowNode, input: string, value: InputValue | undefined): string {
    const crossing = this.#isCrossing(value)
    const source = crossing ? JSON.stringify(sourceOf(value)) : key
    const known = this.#bySource.get(source)
    const name = known ?? uniqueName(input, (taken) => Object.hasOwn(this.inputs, taken))
    if (known === undefined) {
      this.#bySource.set(source, name)
      this.inputs[name] = { label: this.#numbered(inputLabel(this.#workflow, node, input), name, input) }
      if (value !== undefined) this.given[name] = value
    }
    if (this.#inForm.has(key)) this.exposed.set(key, name)
    return name
  }

  /** "VAE 2" for the name "vae-2". */
  #numbered(label: string, name: string, wanted: string): string {
    return name === wanted ? label : `${label} ${name.slice(name.lastIndexOf('-') + 1)}`
  }
}

/** The source of a value, without the points of its line. */
const sourceOf = (value: InputValue | undefined): unknown => (value !== undefined && isLink(value) ? value.link : value)
