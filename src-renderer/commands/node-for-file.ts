import type { ModelFile } from '#core/protocol/routes.ts'
import type { FileKind } from '#core/types/types.ts'
import { catalogue } from '#nodes/catalogue.ts'
import type { NewNode } from './nodes.ts'

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
    const input = Object.keys(inputs).find((key) => {
      const of = inputs[key]?.type
      return of?.kind === 'file' && of.of === kind
    })
    if (input !== undefined) return { type, inputs: { [input]: name } }
  }
  return undefined
}
