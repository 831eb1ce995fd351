import { own, type Workflow, type WorkflowNode } from './document.ts'
import type { Signature } from './subgraphs.ts'

/**
 * Display name of `node.input`: "Style LoRA: Model strength". A name of the form is its own title.
 * @returns undefined if the document has no such input
 */
export function inputTitle(
  { form, nodes }: Workflow,
  signatureOf: (node: WorkflowNode) => Signature | undefined,
  name: string,
): string | undefined {
  if (form?.some((field) => field.name === name)) return name
  const dot = Math.max(name.indexOf('.'), 0)
  const node = own(nodes, name.slice(0, dot))
  const signature = node && signatureOf(node)
  const port = own(signature?.inputs ?? {}, name.slice(dot + 1))
  return node && signature && port ? `${node.title ?? signature.title}: ${port.label}` : undefined
}
