import { ArrowDown, ArrowUp, GripVertical, X } from 'lucide-react'
import { type DragEvent, useState } from 'react'
import { moveFormField, removeFormField, renameFormField } from '../../commands/form.ts'
import type { Command } from '../../store/command.ts'
import { commitTo, useTab } from '../../store/context.ts'
import { t } from '../../strings/t.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import styles from './form-panel.module.css'

/** Drag data: the index of the entry. */
const dragType = 'application/x-latent-loom-form-entry'

interface EditEntryProps {
  readonly name: string
  readonly index: number
  readonly count: number
}

/** An entry of the form in edit mode: its name, its position, and a button to remove it. */
export function EditEntry({ name, index, count }: EditEntryProps) {
  const tab = useTab()
  const [over, setOver] = useState(false)
  const workflow = () => tab.document.getState().workflow
  const commit = (command: Command) => commitTo(tab, command)
  const drop = (event: DragEvent) => {
    setOver(false)
    const from = event.dataTransfer.getData(dragType)
    if (from === '') return
    event.preventDefault()
    commit(moveFormField(workflow(), Number(from), index))
  }
  return (
    <fieldset
      className={styles.edit}
      aria-label={name}
      data-over={over}
      onDragStart={(event) => event.dataTransfer.setData(dragType, String(index))}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(dragType)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <span className={styles.grip} draggable title={t('panels.form.drag')}>
        <GripVertical size={14} aria-hidden />
      </span>
      <input
        key={name}
        className={styles.name}
        aria-label={t('panels.form.name', { name })}
        defaultValue={name}
        onBlur={({ target }) => commit(renameFormField(workflow(), index, target.value))}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
      <IconButton
        icon={ArrowUp}
        label={t('panels.form.up', { name })}
        disabled={index === 0}
        onClick={() => commit(moveFormField(workflow(), index, index - 1))}
      />
      <IconButton
        icon={ArrowDown}
        label={t('panels.form.down', { name })}
        disabled={index === count - 1}
        onClick={() => commit(moveFormField(workflow(), index, index + 1))}
      />
      <IconButton
        icon={X}
        label={t('panels.form.remove', { name })}
        onClick={() => commit(removeFormField(workflow(), index))}
      />
    </fieldset>
  )
}
