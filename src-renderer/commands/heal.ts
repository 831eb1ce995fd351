import { assignable } from '#core/types/assignable.ts'
import { type InputValue, isLink, type Link, own, type Workflow } from '#core/workflow/document.ts'
import { type Level, nodeAt } from '../store/graph.ts'
import { signatureIn } from '../store/signatures.ts'

/**
 * The replacement of a link from a removed node: the input that the node would pass through if it were bypassed.
 * Follows other removed nodes too.
 */
export function standIn(
  workflow: Workflow,
  level: Level,
  link: Link,
  gone: ReadonlySet<string>,
): InputValue | undefined {
  const seen = new Set<string>()
  let value: InputValue | undefined = link
  while (value !== undefined && isLink(value) && gone.has(value.link[0])) {
    const place = value.link.join(':')
    if (seen.has(place)) return undefined
    seen.add(place)
    value = letThrough(workflow, level, value)
  }
  return value
}

/** The input that a bypassed node passes to an output: the first that is set and has a fitting type. */
function letThrough(workflow: Workflow, level: Level, { link: [id, output] }: Link): InputValue | undefined {
  const node = nodeAt(workflow, level, id)
  const signature = node && signatureIn(workflow, node)
  const port = signature && own(signature.outputs, output)
  if (!node || !port) return undefined
  for (const [name, input] of Object.entries(signature.inputs)) {
    const value = own(node.inputs, name)
    if (value !== undefined && assignable(input.type, port.type)) return value
  }
  return undefined
}
