import type { ModelFile } from '#core/protocol/routes.ts'
import type { FileKind } from '#core/types/types.ts'
import { isFed, own, type Workflow } from '#core/workflow/document.ts'
import type { InputPort } from '#core/workflow/node-type.ts'
import { catalogue } from '#nodes/catalogue.ts'
import type { Command } from '../store/command.ts'
import { type Level, nodeAt } from '../store/graph.ts'
import { signatureIn } from '../store/signatures.ts'
import { type NewNode, setInput } from './nodes.ts'

/** A node with a file as its input. */
export type FileNode = Required<Pick<NewNode, 'type' | 'inputs'>>

/** The first node of the catalogue with an input for this kind of file, set to the file. Undefined if there is none. */
export function nodeForFile({
  kind,
  name,
}: {
  readonly kind: FileKind | ModelFile['kind']
  readonly name: string
}): FileNode | undefined {
  for (const { type, inputs } of catalogue.values()) {
    const input = Object.keys(inputs).find((key) => kindOf(inputs[key]) === kind)
    if (input !== undefined) return { type, inputs: { [input]: name } }
  }
  return undefined
}

/** Sets the input of a node for this kind of file. Undefined if the node has none, or only one that is linked. */
export function fillWithFile(
  workflow: Workflow,
  level: Level,
  id: string,
  { kind, name }: { readonly kind: FileKind; readonly name: string },
): Command | undefined {
  const node = nodeAt(workflow, level, id)
  const inputs = (node && signatureIn(workflow, node)?.inputs) ?? {}
  const input = Object.keys(inputs).find((key) => kindOf(inputs[key]) === kind && !isFed(own(node?.inputs ?? {}, key)))
  return input === undefined ? undefined : setInput(workflow, level, id, input, name)
}

const kindOf = (port: InputPort | undefined): FileKind | undefined =>
  port?.type.kind === 'file' ? port.type.of : undefined
