import { useDocument, useTab } from '../store/context.ts'
import { t } from '../strings/t.ts'
import type { ControlProps } from './control.ts'
import { FieldBox } from './field-box.tsx'
import { inputsBefore, titleOfInput } from './input-names.ts'
import { PickerButton } from './picker-button.tsx'

/** The name of an input, chosen from those that affect the node. */
export function InputNameField({ field }: ControlProps<'text'>) {
  const tab = useTab()
  const { level, node } = field.address
  const value = String(field.value)
  const title = useDocument(({ workflow }) => titleOfInput(workflow, value))
  const choose = (name: string) => {
    field.change(name)
    field.end()
  }
  return (
    <FieldBox field={field}>
      <PickerButton
        field={field}
        shown={value === '' ? t('fields.chooseInput') : (title ?? value)}
        value={value}
        items={() => [
          { key: '', title: t('fields.empty') },
          ...inputsBefore(tab.document.getState().workflow, level, node).map(({ name, title }) => ({
            key: name,
            title,
            detail: name,
          })),
        ]}
        onChoose={choose}
      />
    </FieldBox>
  )
}
