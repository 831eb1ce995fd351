import { useId, useMemo } from 'react'
import { LoomError } from '#core/errors.ts'
import { readConstant } from '#core/workflow/constant.ts'
import { constantOf, type InputValue, isFed, own } from '#core/workflow/document.ts'
import type { Json } from '#core/workflow/json.ts'
import { valueAt } from '../commands/edit.ts'
import { setInput } from '../commands/nodes.ts'
import { commitTo, useDocument, useInference, useTab, useView } from '../store/context.ts'
import { nodeAt } from '../store/graph.ts'
import { signatureIn } from '../store/signatures.ts'
import { flatId } from '../store/view-store.ts'
import type { FieldState, InputAddress, Place } from './control.ts'

/** The state of an input's field. Undefined if the input does not exist or is linked. */
export function useField({ level, node, input }: InputAddress, place: Place, label?: string): FieldState | undefined {
  const id = useId()
  const tab = useTab()
  const held = useDocument(({ workflow }) => valueAt(workflow, level, { node, input }))
  const port = useDocument(({ workflow }) => {
    const found = nodeAt(workflow, level, node)
    return found && own(signatureIn(workflow, found)?.inputs ?? {}, input)
  })
  const flat = useView((view) => (level === undefined ? node : flatId(view, node)))
  const known = useInference(({ problems }) => problems.get(flat)?.find((problem) => problem.input === input))
  const write = useMemo(() => {
    const group = `${level ?? ''}/${node}.${input}`
    const commit = (value: InputValue | undefined) =>
      commitTo(tab, setInput(tab.document.getState().workflow, level, node, input, value, { group }))
    return {
      change: (value: Json) => commit(heldAs(value)),
      reset: () => commit(undefined),
      end: tab.document.endGroup,
    }
  }, [tab, level, node, input])

  if (!port || isFed(held)) return undefined
  const constant = held === undefined ? undefined : constantOf(held)
  const read = constant === undefined ? undefined : readConstant(port.type, constant, port.label)
  return {
    id,
    address: { level, node, input },
    place,
    label: label ?? port.label,
    port,
    value: constant ?? port.default ?? '',
    isDefault: held === undefined || constant === port.default,
    problem: read instanceof LoomError ? read : known,
    ...write,
  }
}

/** A constant in the document's form. An object is wrapped, to distinguish it from a link. */
const heldAs = (value: Json): InputValue =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { const: value } : (value as InputValue)
