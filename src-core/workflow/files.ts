import { LoomError } from '#core/errors.ts'
import { factKey } from '#core/types/facts.ts'
import type { FileKind } from '#core/types/types.ts'
import type { TypedGraph } from './analyse.ts'
import type { Axis } from './node-type.ts'
import { portNamed } from './overrides.ts'
import { axesOf } from './variations.ts'

/** A file that a document names, and how it is used. */
export interface NamedFile {
  readonly name: string
  readonly kind: FileKind
}

/**
 * The files that a workflow names, by the document's names, in the cells of its grids too; once for each use. Facts
 * play no part.
 */
export function filesOf(graph: TypedGraph): NamedFile[] {
  const files = [
    ...filesIn(graph),
    ...[...graph.nodes.values()].flatMap(axesOf).flatMap((axis) => filesAlong(axis, graph)),
  ]
  return [...new Map(files.map((file) => [factKey(file.kind, file.name), file])).values()]
}

/** The files among the values of an axis. An invalid axis has none. */
function filesAlong({ input, values }: Axis, { workflow, catalogue }: TypedGraph): NamedFile[] {
  try {
    const { type } = portNamed(workflow, catalogue, input)
    return type.kind === 'file' ? values.map((name) => ({ kind: type.of, name })) : []
  } catch (error) {
    if (error instanceof LoomError) return []
    throw error
  }
}

/** The files that the nodes of a graph name. */
export function filesIn({ nodes }: TypedGraph): NamedFile[] {
  return [...nodes.values()].flatMap(({ inputs }) =>
    [...inputs.values()].flatMap(({ port: { type }, argument }) =>
      type.kind === 'file' && argument.kind === 'constant' ? [{ kind: type.of, name: String(argument.value) }] : [],
    ),
  )
}
