import type { ModelFile } from '#core/protocol/routes.ts'
import type { FileKind } from '#core/types/types.ts'
import { catalogue } from '#nodes/catalogue.ts'
import type { NewNode } from './nodes.ts'

/** A node that is set to a file. */
export type FileNode = Required<Pick<NewNode, 'type' | 'inputs'>>

/** The node that opens a file of a kind, set to it: the first of the catalogue with an input for such files; none for files that no node takes. */
export function nodeForFile({
  kind,
  name,
}: {
  readonly kind: FileKind | ModelFile['kind']
  readonly name: string
}): FileNode | undefined {
  for (const { type, inputs } of catalogue.values()) {
    const input = Object.keys(inputs).find((key) => {
      const of = inputs[key]?.type
      return of?.kind === 'file' && of.of === kind
    })
    if (input !== undefined) return { type, inputs: { [input]: name } }
  }
  return undefined
}
