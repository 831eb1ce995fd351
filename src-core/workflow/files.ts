import { factsOf } from '#core/types/facts.ts'
import type { FileKind } from '#core/types/types.ts'
import { analyse } from './analyse.ts'
import type { Workflow } from './document.ts'
import type { Catalogue } from './node-type.ts'

/** The files that a workflow names, by the document's names, and what each is used as. */
export function filesOf(workflow: Workflow, catalogue: Catalogue): ReadonlyMap<string, FileKind> {
  const files = new Map<string, FileKind>()
  for (const { inputs } of analyse(workflow, catalogue, factsOf(new Map())).nodes.values()) {
    for (const { port, argument } of inputs.values()) {
      if (port.type.kind === 'file' && argument.kind === 'constant') files.set(String(argument.value), port.type.of)
    }
  }
  return files
}
