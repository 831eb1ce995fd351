import { type Family, type Known, UNKNOWN } from '#core/types/types.ts'
import { isLink, own } from '#core/workflow/document.ts'
import { useDocument, useInference, useView } from '../store/context.ts'
import { nodeAt } from '../store/graph.ts'
import { flatId } from '../store/view-store.ts'
import type { InputAddress } from './control.ts'

/** The family of the model that a node is linked to, as far as it is known. */
export function useWantedFamily({ level, node }: InputAddress): Known<Family> {
  const inputs = useDocument(({ workflow }) => nodeAt(workflow, level, node)?.inputs)
  const view = useView((state) => state)
  return useInference(({ outputs }) => {
    for (const value of Object.values(inputs ?? {})) {
      if (!isLink(value)) continue
      const [source, output] = value.link
      const type = own(outputs.get(level === undefined ? source : flatId(view, source)) ?? {}, output)
      if (type && 'family' in type && type.family !== UNKNOWN) return type.family
    }
    return UNKNOWN
  })
}
