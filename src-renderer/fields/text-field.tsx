import type { ComponentType } from 'react'
import { t } from '../strings/t.ts'
import { ariaOf, type ControlProps } from './control.ts'
import { FieldBox } from './field-box.tsx'
import styles from './fields.module.css'
import { InputNameField } from './input-name-field.tsx'
import { PromptField } from './prompt-field.tsx'
import { textRows } from './sizes.ts'

/** The field of a text: one line, several lines, or the name of an input. */
export function TextField({ field, type }: ControlProps<'text'>) {
  const { names, multiline } = field.port
  const Control = names === 'inputs' ? InputNameField : multiline ? areas[multiline] : LineField
  return <Control field={field} type={type} />
}

const areas: Readonly<Record<'prompt' | 'list', ComponentType<ControlProps<'text'>>>> = {
  prompt: PromptField,
  list: ListField,
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

/** A list of values. It has no token count, because no text encoder reads it. */
function ListField({ field }: ControlProps<'text'>) {
  return (
    <FieldBox field={field} stacked>
      <div className={styles.prompt}>
        <textarea
          {...ariaOf(field)}
          className={styles.area}
          rows={textRows}
          spellCheck={false}
          placeholder={t('fields.list')}
          value={String(field.value)}
          onChange={({ target }) => field.change(target.value)}
          onBlur={field.end}
        />
      </div>
    </FieldBox>
  )
}
