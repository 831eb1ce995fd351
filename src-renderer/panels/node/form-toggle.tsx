import { ListMinus, ListPlus } from 'lucide-react'
import { addFormField, removeFormField } from '../../commands/form.ts'
import { commitTo, useDocument, useTab } from '../../store/context.ts'
import { t } from '../../strings/t.ts'
import { IconButton } from '../../ui/icon-button.tsx'

interface FormToggleProps {
  readonly node: string
  readonly input: string
  readonly label: string
}

/** Adds an input to the form, or removes it. */
export function FormToggle({ node, input, label }: FormToggleProps) {
  const tab = useTab()
  const index = useDocument(
    ({ workflow }) => workflow.form?.findIndex((field) => field.input[0] === node && field.input[1] === input) ?? -1,
  )
  const toggle = () => {
    const { workflow } = tab.document.getState()
    commitTo(tab, index < 0 ? addFormField(workflow, node, input) : removeFormField(workflow, index))
  }
  return (
    <IconButton
      icon={index < 0 ? ListPlus : ListMinus}
      pressed={index >= 0}
      label={t(index < 0 ? 'panels.node.addToForm' : 'panels.node.removeFromForm', { label })}
      onClick={toggle}
    />
  )
}
