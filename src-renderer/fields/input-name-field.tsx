import { isLink, own, type Workflow } from '#core/workflow/document.ts'
import { useTab } from '../store/context.ts'
import { signatureIn } from '../store/signatures.ts'
import { t } from '../strings/t.ts'
import type { ControlProps } from './control.ts'
import { FieldBox } from './field-box.tsx'
import { PickerButton } from './picker-button.tsx'

/** The name of another node's input, chosen from those that hold a value. */
export function InputNameField({ field }: ControlProps<'text'>) {
  const tab = useTab()
  const value = String(field.value)
  const choose = (name: string) => {
    field.change(name)
    field.end()
  }
  return (
    <FieldBox field={field}>
      <PickerButton
        field={field}
        shown={value === '' ? t('fields.chooseInput') : value}
        value={value}
        items={() => inputsIn(tab.document.getState().workflow, field.address.node)}
        onChoose={choose}
      />
    </FieldBox>
  )
}

/** Inputs of the document's own nodes that take a typed value and are not linked, but for those of one node. */
function inputsIn(workflow: Workflow, except: string) {
  return Object.entries(workflow.nodes).flatMap(([id, node]) => {
    const signature = id === except ? undefined : signatureIn(workflow, node)
    return Object.entries(signature?.inputs ?? {}).flatMap(([input, port]) => {
      const held = own(node.inputs, input)
      const typed = port.default !== undefined || port.type.kind === 'file'
      if (!typed || (held !== undefined && isLink(held))) return []
      return [
        {
          key: `${id}.${input}`,
          title: `${node.title ?? signature?.title ?? id}: ${port.label}`,
          detail: `${id}.${input}`,
        },
      ]
    })
  })
}
