import { type InputValue, isLink, own, type Workflow } from '#core/workflow/document.ts'
import { inputTitle } from '#core/workflow/input-title.ts'
import { subgraphOf } from '#core/workflow/subgraphs.ts'
import type { Level } from '../store/graph.ts'
import { signatureIn } from '../store/signatures.ts'

/** An input of the top level, named as in grids and on the command line. */
interface NamedInput {
  /** `node.input` */
  readonly name: string
  /** Display name: "Style LoRA: Model strength". */
  readonly title: string
}

/** Inputs that affect a node: those with a value on nodes that it depends on. */
export function inputsBefore(workflow: Workflow, level: Level, node: string): NamedInput[] {
  return [...nodesBefore(workflow, level, node)].flatMap((id) => {
    const signature = signatureOf(workflow, id)
    return Object.keys(signature?.inputs ?? {}).flatMap((input) => named(workflow, id, input) ?? [])
  })
}

/** Display name of an input. Undefined if it does not exist. */
export const titleOfInput = (workflow: Workflow, name: string): string | undefined =>
  inputTitle(workflow, (node) => signatureIn(workflow, node), name)

function named(workflow: Workflow, id: string, input: string): NamedInput | undefined {
  const node = own(workflow.nodes, id)
  const signature = signatureOf(workflow, id)
  const port = own(signature?.inputs ?? {}, input)
  const held = own(node?.inputs ?? {}, input)
  const typed = port?.default !== undefined || port?.type.kind === 'file'
  if (!node || !port || !typed || (held !== undefined && isLink(held))) return undefined
  const name = `${id}.${input}`
  return { name, title: titleOfInput(workflow, name) ?? name }
}

function signatureOf(workflow: Workflow, id: string) {
  const node = own(workflow.nodes, id)
  return node && signatureIn(workflow, node)
}

/** Top-level nodes that a node depends on, nearest first. For an inner node, those that the instances depend on. */
function nodesBefore({ nodes }: Workflow, level: Level, node: string): Set<string> {
  const instances = Object.keys(nodes).filter((id) => subgraphOf(nodes[id]?.type ?? '') !== undefined)
  const found = new Set(level === undefined ? [] : instances)
  const waiting = level === undefined ? [node] : instances
  for (const id of waiting) {
    for (const source of sourcesOf(own(nodes, id)?.inputs ?? {})) {
      if (found.has(source) || source === node) continue
      found.add(source)
      waiting.push(source)
    }
  }
  return found
}

const sourcesOf = (inputs: Readonly<Record<string, InputValue>>): string[] =>
  Object.values(inputs).flatMap((value) => (isLink(value) ? [value.link[0]] : []))
