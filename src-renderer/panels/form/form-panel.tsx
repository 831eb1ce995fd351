import { Button } from '@mantine/core'
import { Pencil, Play } from 'lucide-react'
import { useState } from 'react'
import { run } from '../../run/run-control.ts'
import { useDocument, useTab } from '../../store/context.ts'
import { t } from '../../strings/t.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { showError } from '../../ui/notices.ts'
import { EditEntry } from './edit-entry.tsx'
import { FormEntry } from './form-entry.tsx'
import styles from './form-panel.module.css'
import { FormResult } from './form-result.tsx'

const none: readonly never[] = []

/** The workflow as a form: its chosen inputs, a button to run it, and the newest picture. */
export function FormPanel() {
  const tab = useTab()
  const form = useDocument(({ workflow }) => workflow.form ?? none)
  const [editing, setEditing] = useState(false)
  return (
    <div className={styles.panel}>
      <FormResult />
      <div className={styles.head}>
        <h3>{t('panels.form.inputs')}</h3>
        <IconButton
          icon={Pencil}
          label={t('panels.form.edit')}
          pressed={editing}
          disabled={form.length === 0}
          onClick={() => setEditing(!editing)}
        />
      </div>
      {form.length === 0 && <p className={styles.empty}>{t('panels.form.empty')}</p>}
      <ul className={styles.entries}>
        {form.map(({ name, input: [node, input] }, index) => (
          <li key={`${node}.${input}`}>
            {editing ? (
              <EditEntry name={name} index={index} count={form.length} />
            ) : (
              <FormEntry name={name} node={node} input={input} />
            )}
          </li>
        ))}
      </ul>
      <Button
        className={styles.run ?? ''}
        leftSection={<Play size={14} aria-hidden />}
        onClick={() => run(tab).catch(showError)}
      >
        {t('panels.form.run')}
      </Button>
    </div>
  )
}
