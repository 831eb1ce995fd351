import { type Family, type Known, UNKNOWN, type Variant } from '#core/types/types.ts'
import { isLink, own } from '#core/workflow/document.ts'
import { useDocument, useInference, useView } from '../store/context.ts'
import { nodeAt } from '../store/graph.ts'
import { flatId } from '../store/view-store.ts'
import type { InputAddress } from './control.ts'

/** What files are held against. */
export interface LinkedModel {
  readonly family: Known<Family>
  readonly variant?: Variant | undefined
}

const unknown: LinkedModel = { family: UNKNOWN }

/** The model that a node is linked to, as far as it is known. */
export function useLinkedModel({ level, node }: InputAddress): LinkedModel {
  const inputs = useDocument(({ workflow }) => nodeAt(workflow, level, node)?.inputs)
  const view = useView((state) => state)
  return useInference(({ outputs }) => {
    for (const value of Object.values(inputs ?? {})) {
      if (!isLink(value)) continue
      const [source, output] = value.link
      const type = own(outputs.get(level === undefined ? source : flatId(view, source)) ?? {}, output)
      if (type && 'family' in type && type.family !== UNKNOWN) return type
    }
    return unknown
  })
}
