import { LoomError } from '#core/errors.ts'
import { assignable } from '#core/types/assignable.ts'
import {
  constantOf,
  type InputValue,
  isLink,
  isOuter,
  maxNodes,
  own,
  type Subgraph,
  type Workflow,
  type WorkflowNode,
} from './document.ts'
import { joinIds } from './flat-id.ts'
import type { Json } from './json.ts'
import { listed } from './listed.ts'
import type { Catalogue } from './node-type.ts'
import { type Subgraphs, subgraphsOf } from './subgraphs.ts'

/** Maximum nesting of instances. Limits the length of joined ids. */
const maxNesting = 64

/** Maximum number of bypassed nodes and subgraph borders on the way of a link. */
const maxHops = 256

/** The input in the document that holds a value. For a subgraph's input it is the input of the instance. */
export interface Origin {
  readonly node: string
  readonly input: string
}

/** The content of an input, resolved through subgraphs and bypassed nodes. */
export type Bound = { readonly origin: Origin } & (
  | { readonly kind: 'link'; readonly node: string; readonly output: string }
  | { readonly kind: 'constant'; readonly value: Json }
  /** No value. `because` gives the reason if the input seems to have one. */
  | { readonly kind: 'open'; readonly because?: string }
  /** An invalid value. */
  | { readonly kind: 'wrong'; readonly error: LoomError }
)

export interface FlatNode {
  readonly id: string
  readonly node: WorkflowNode
  /** The node or an instance that contains it is muted. */
  readonly muted: boolean
  readonly inputs: ReadonlyMap<string, Bound>
}

export interface Flat {
  readonly nodes: ReadonlyMap<string, FlatNode>
  /** The sources to which the outputs of instances and bypassed nodes resolve. */
  outlets(): ReadonlyMap<string, ReadonlyMap<string, Bound>>
  readonly signatureOf: Subgraphs['signatureOf']
  /** Problems of the document as a whole and of instances. Problems of inputs are in `inputs`. */
  readonly problems: readonly LoomError[]
}

/** The nodes of the document or of one instance. */
interface Scope {
  readonly path: string
  readonly depth: number
  readonly nodes: ReadonlyMap<string, WorkflowNode>
  readonly muted: boolean
  readonly instance?: { readonly scope: Scope; readonly node: WorkflowNode; readonly definition: Subgraph }
}

/**
 * The graph without subgraphs and bypassed nodes. The ids of an instance's nodes begin with its id. A bypassed node's
 * output resolves to the first of its inputs, in port order, that is set and has a type that fits the output.
 * @throws LoomError `limit` if the opened subgraphs have too many nodes
 */
export function flatten(workflow: Workflow, catalogue: Catalogue): Flat {
  return new Flattener(workflow, catalogue).run()
}

class Flattener {
  readonly #subgraphs: Subgraphs
  readonly #root: Scope
  /** Scopes by the id of their instance. */
  readonly #scopes = new Map<string, Scope>()
  readonly #problems: LoomError[] = []

  constructor(workflow: Workflow, catalogue: Catalogue) {
    this.#subgraphs = subgraphsOf(workflow, catalogue)
    this.#root = { path: '', depth: 0, nodes: new Map(Object.entries(workflow.nodes)), muted: false }
  }

  run(): Flat {
    const nodes = new Map<string, FlatNode>()
    const hidden: Place[] = []
    for (const place of this.#open()) {
      const { scope, node, at } = place
      if (this.#scopes.has(at) || node.state === 'bypass') {
        hidden.push(place)
        continue
      }
      const inputs = new Map<string, Bound>()
      for (const [input, value] of Object.entries(node.inputs)) {
        inputs.set(input, this.#resolve(scope, value, { node: at, input }))
      }
      nodes.set(at, { id: at, node, muted: isMuted(scope, node), inputs })
    }
    return {
      nodes,
      outlets: () => new Map(hidden.map((place) => [place.at, this.#outlets(place)])),
      signatureOf: this.#subgraphs.signatureOf,
      problems: [...this.#subgraphs.problems, ...this.#problems],
    }
  }

  /** Opens every instance that is not bypassed. Returns the nodes of all scopes, with joined ids. */
  #open(): Place[] {
    const places = new Map<string, Place>()
    const waiting = [this.#root]
    for (let scope = waiting.pop(); scope !== undefined; scope = waiting.pop()) {
      for (const [id, node] of scope.nodes) {
        const at = idIn(scope, id)
        if (places.has(at))
          this.#problems.push(
            new LoomError('invalid', `Two nodes are called ${at}.`, { node: at, hint: 'Rename one of them.' }),
          )
        places.set(at, { scope, id, node, at })
        const definition = this.#subgraphs.definitionOf(node)
        if (definition === undefined || node.state === 'bypass') continue
        this.#checkInputs(at, node, definition)
        const inner: Scope = {
          path: at,
          depth: scope.depth + 1,
          nodes: new Map(Object.entries(definition.nodes)),
          muted: isMuted(scope, node),
          instance: { scope, node, definition },
        }
        this.#scopes.set(at, inner)
        waiting.push(inner)
      }
      if (scope.depth > maxNesting) {
        throw new LoomError('limit', `Subgraphs are nested deeper than ${maxNesting} levels.`, {
          hint: 'Put fewer subgraphs into each other.',
        })
      }
      if (places.size > maxNodes) {
        throw new LoomError('limit', `With its subgraphs opened the workflow has more than ${maxNodes} nodes.`, {
          hint: 'Use fewer instances, or subgraphs that hold less.',
        })
      }
    }
    return [...places.values()]
  }

  #checkInputs(at: string, node: WorkflowNode, definition: Subgraph): void {
    const names = Object.keys(definition.inputs)
    for (const input of Object.keys(node.inputs)) {
      if (names.includes(input)) continue
      const message = `The subgraph ${definition.name ?? node.type} has no input "${input}".`
      this.#problems.push(new LoomError('not-found', message, { node: at, input, hint: `It has ${listed(names)}.` }))
    }
  }

  #outlets({ scope, id, node, at }: Place): Map<string, Bound> {
    const names = Object.keys(this.#subgraphs.signatureOf(node)?.outputs ?? {})
    const origin = { node: at, input: '' }
    return new Map(names.map((output) => [output, this.#resolve(scope, { link: [id, output] }, origin)]))
  }

  /** Follows a value through subgraphs and bypassed nodes to its constant or its node. */
  #resolve(scope: Scope, value: InputValue, origin: Origin): Bound {
    let at: Trail = { scope, value, origin }
    for (let hops = 0; hops <= maxHops; hops += 1) {
      const next = this.#follow(at)
      if (next instanceof LoomError) return { kind: 'wrong', error: next, origin: at.origin }
      if ('kind' in next) return next
      at = next
    }
    const message = `The link leads through bypassed nodes in a circle, or through more than ${maxHops} of them.`
    const error = new LoomError('cycle', message, { hint: 'Remove one of these links.' })
    return { kind: 'wrong', error, origin: at.origin }
  }

  /** One step on the way to the source of a value. */
  #follow({ scope, value, origin }: Trail): Trail | Bound | LoomError {
    if (isOuter(value)) return followOut(scope, value.input)
    if (!isLink(value)) return { kind: 'constant', value: constantOf(value), origin }
    const [id, output] = value.link
    const node = scope.nodes.get(id)
    if (node === undefined) {
      return new LoomError('not-found', `The link leads to the node ${id}, which is not there.`, {
        hint: 'Link another node, or remove the link.',
      })
    }
    const at = idIn(scope, id)
    const inner = this.#scopes.get(at)
    if (inner) return followIn(inner, output, origin)
    if (node.state === 'bypass') return this.#followBypass({ scope, value, origin }, node, output)
    return { kind: 'link', node: at, output, origin }
  }

  #followBypass({ scope, origin }: Trail, node: WorkflowNode, output: string): Trail | Bound {
    const signature = this.#subgraphs.signatureOf(node)
    const port = signature && own(signature.outputs, output)
    for (const [name, input] of Object.entries(signature?.inputs ?? {})) {
      const value = own(node.inputs, name)
      if (port && value !== undefined && assignable(input.type, port.type)) return { scope, value, origin }
    }
    const title = node.title ?? signature?.title ?? node.type
    const because = `${title} is bypassed, and no input of it can take the place of its output ${port?.label ?? output}`
    return { kind: 'open', because, origin }
  }
}

/** A node, its scope and its joined id. */
interface Place {
  readonly scope: Scope
  readonly id: string
  readonly node: WorkflowNode
  readonly at: string
}

/** A value on the way to its source. */
interface Trail {
  readonly scope: Scope
  readonly value: InputValue
  readonly origin: Origin
}

const idIn = ({ path }: Scope, id: string): string => (path === '' ? id : joinIds(path, id))

const isMuted = (scope: Scope, node: WorkflowNode): boolean => scope.muted || node.state === 'mute'

/** Follows an input of a subgraph to the value at its instance. */
function followOut({ path, instance }: Scope, input: string): Trail | Bound | LoomError {
  const declared = instance && own(instance.definition.inputs, input)
  if (instance === undefined || declared === undefined) {
    const where = instance ? `The subgraph ${instance.definition.name ?? instance.node.type}` : 'The workflow itself'
    return new LoomError('not-found', `${where} has no input "${input}".`, { hint: 'Give a constant or a link.' })
  }
  const origin = { node: path, input }
  const value = own(instance.node.inputs, input) ?? declared.default
  return value === undefined ? { kind: 'open', origin } : { scope: instance.scope, value, origin }
}

/** Follows an output of an instance to the node inside that computes it. */
function followIn(inner: Scope, output: string, origin: Origin): Trail | LoomError {
  const definition = inner.instance?.definition
  const declared = definition && own(definition.outputs, output)
  if (declared) return { scope: inner, value: { link: declared.link }, origin }
  const names = Object.keys(definition?.outputs ?? {})
  return new LoomError('not-found', `The link asks for the output "${output}" of ${inner.path}, which is not there.`, {
    hint: `It has ${listed(names)}.`,
  })
}
