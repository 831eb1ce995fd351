import { ChevronDown } from 'lucide-react'
import { ariaOf, type ControlProps } from './control.ts'
import { FieldBox } from './field-box.tsx'
import styles from './fields.module.css'
import { PickerButton } from './picker-button.tsx'

/** With more options than this, the list has a search. */
const fewOptions = 8

/** The field of a choice. */
export function ChoiceField({ field, type }: ControlProps<'choice'>) {
  const value = String(field.value)
  const options = type.options.map((key) => ({ key, title: field.port.titles?.[key] ?? key }))
  // show the stored value even if it is not an option
  const shown = type.options.includes(value) ? options : [{ key: value, title: value }, ...options]
  const choose = (key: string) => {
    field.change(key)
    field.end()
  }
  return (
    <FieldBox field={field}>
      {options.length > fewOptions ? (
        <PickerButton
          field={field}
          shown={shown.find(({ key }) => key === value)?.title ?? value}
          value={value}
          items={() => options}
          onChoose={choose}
        />
      ) : (
        <>
          <select
            {...ariaOf(field)}
            className={styles.select}
            value={value}
            onChange={({ target }) => choose(target.value)}
          >
            {shown.map(({ key, title }) => (
              <option key={key} value={key}>
                {title}
              </option>
            ))}
          </select>
          <ChevronDown size={12} className={styles.chevron} aria-hidden />
        </>
      )}
    </FieldBox>
  )
}
