import { memo } from 'react'
import { constantOf, isLink, isOuter, own } from '#core/workflow/document.ts'
import { commitTo, useDocument, useLevel, useTab } from '../store/context.ts'
import { graphAt } from '../store/graph.ts'
import { signatureIn } from '../store/signatures.ts'

export interface FieldProps {
  /** Id of the node at the shown level. */
  readonly node: string
  readonly input: string
  readonly place: 'canvas' | 'panel'
}

/** The control of one input that holds a constant; nothing for an input that only links fill, or that a link fills now. */
export const Field = memo(function Field({ node, input }: FieldProps) {
  const tab = useTab()
  const level = useLevel()
  const value = useDocument(({ workflow }) => {
    const held = graphAt(workflow, level)?.nodes[node]?.inputs[input]
    return held === undefined || isLink(held) || isOuter(held) ? undefined : constantOf(held)
  })
  const port = useDocument(({ workflow }) => {
    const found = graphAt(workflow, level)?.nodes[node]
    return found && own(signatureIn(workflow, found)?.inputs ?? {}, input)
  })
  if (!port) return null
  return (
    <label className="nodrag nowheel nopan">
      {port.label}
      <input
        value={String(value ?? port.default ?? '')}
        onChange={({ target }) =>
          commitTo(tab, {
            label: port.label,
            group: `${node}.${input}`,
            apply: (draft) => {
              const found = graphAt(draft, level)?.nodes[node]
              const text = target.value
              if (found) found.inputs[input] = typeof port.default === 'number' && text !== '' ? Number(text) : text
            },
          })
        }
      />
    </label>
  )
})
