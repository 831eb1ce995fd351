import { LoomError } from '#core/errors.ts'
import { factKey, factsOf } from '#core/types/facts.ts'
import type { FileKind } from '#core/types/types.ts'
import { analyse, type TypedGraph } from './analyse.ts'
import type { Workflow } from './document.ts'
import type { Catalogue } from './node-type.ts'
import { applyOverrides } from './overrides.ts'
import { axesOf } from './variations.ts'

const nothingKnown = factsOf(new Map())

/** A file that a document names, and what it uses it as. */
export interface NamedFile {
  readonly name: string
  readonly kind: FileKind
}

/** The files that a workflow names, by the document's names; once for each use. */
export function filesOf(workflow: Workflow, catalogue: Catalogue): NamedFile[] {
  const graph = analyse(workflow, catalogue, nothingKnown)
  const files = [workflow, ...varied(graph)].flatMap((each) =>
    each === workflow ? filesIn(graph) : filesIn(analyse(each, catalogue, nothingKnown)),
  )
  return [...new Map(files.map((file) => [factKey(file.kind, file.name), file])).values()]
}

/** The workflow with each value of each axis of its grids; axes that are wrong are passed over here. */
function varied({ nodes, workflow, catalogue }: TypedGraph): Workflow[] {
  return [...nodes.values()].flatMap((node) =>
    axesOf(node).flatMap(({ input, values }) =>
      values.flatMap((value) => {
        try {
          return [applyOverrides(workflow, catalogue, [{ name: input, value }])]
        } catch (error) {
          if (error instanceof LoomError) return []
          throw error
        }
      }),
    ),
  )
}

/** The files that the nodes of a graph name. */
export function filesIn({ nodes }: TypedGraph): NamedFile[] {
  return [...nodes.values()].flatMap(({ inputs }) =>
    [...inputs.values()].flatMap(({ port: { type }, argument }) =>
      type.kind === 'file' && argument.kind === 'constant' ? [{ kind: type.of, name: String(argument.value) }] : [],
    ),
  )
}
