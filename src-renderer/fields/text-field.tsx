import { ariaOf, type ControlProps } from './control.ts'
import { FieldBox } from './field-box.tsx'
import styles from './fields.module.css'
import { InputNameField } from './input-name-field.tsx'
import { PromptField } from './prompt-field.tsx'

/** A text: of one line, a prompt, or the name of an input. */
export function TextField({ field, type }: ControlProps<'text'>) {
  if (field.port.names === 'inputs') return <InputNameField field={field} type={type} />
  return field.port.multiline ? <PromptField field={field} type={type} /> : <LineField field={field} type={type} />
}

function LineField({ field }: ControlProps<'text'>) {
  return (
    <FieldBox field={field}>
      <input
        {...ariaOf(field)}
        className={styles.value}
        type="text"
        autoComplete="off"
        spellCheck={false}
        value={String(field.value)}
        onChange={({ target }) => field.change(target.value)}
        onBlur={field.end}
      />
    </FieldBox>
  )
}
