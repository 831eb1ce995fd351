import { factKey, factsOf } from '#core/types/facts.ts'
import type { FileKind } from '#core/types/types.ts'
import { analyse, type TypedGraph } from './analyse.ts'
import type { Workflow } from './document.ts'
import type { Catalogue } from './node-type.ts'

/** A file that a document names, and what it uses it as. */
export interface NamedFile {
  readonly name: string
  readonly kind: FileKind
}

/** The files that a workflow names, by the document's names; once for each use. */
export function filesOf(workflow: Workflow, catalogue: Catalogue): NamedFile[] {
  const files = filesIn(analyse(workflow, catalogue, factsOf(new Map())))
  return [...new Map(files.map((file) => [factKey(file.kind, file.name), file])).values()]
}

/** The files that the nodes of a graph name. */
export function filesIn({ nodes }: TypedGraph): NamedFile[] {
  return [...nodes.values()].flatMap(({ inputs }) =>
    [...inputs.values()].flatMap(({ port: { type }, argument }) =>
      type.kind === 'file' && argument.kind === 'constant' ? [{ kind: type.of, name: String(argument.value) }] : [],
    ),
  )
}
