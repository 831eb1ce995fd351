import { Button, Checkbox, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { LoomError } from '#core/errors.ts'
import { useTab } from '../../store/context.ts'
import { closeDialog, type DialogOf } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { saveAs } from '../../workspace/save.ts'
import { closeTab, tabOf } from '../../workspace/tabs.ts'
import { titleOf } from '../../workspace/title.ts'
import styles from './dialogs.module.css'

/** Asks for the name of a document's file. */
export function SaveAsDialog({ dialog }: { dialog: DialogOf<'save-as'> }) {
  const active = useTab()
  const tab = (dialog.tab !== undefined && tabOf(dialog.tab)) || active
  const [name, setName] = useState(titleOf(tab))
  const [replace, setReplace] = useState(false)
  const [error, setError] = useState<LoomError>()
  const [busy, setBusy] = useState(false)
  const taken = error?.code === 'conflict'

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    try {
      await saveAs(tab, name.trim(), taken && replace)
      closeDialog()
      if (dialog.thenClose) closeTab(tab.id)
    } catch (thrown) {
      if (!(thrown instanceof LoomError)) throw thrown
      setError(thrown)
      setBusy(false)
    }
  }

  return (
    <Modal opened onClose={closeDialog} title={t('shell.dialogs.saveAs.title')} size="sm">
      <form onSubmit={submit}>
        <TextInput
          data-autofocus
          label={t('shell.dialogs.saveAs.name')}
          value={name}
          maxLength={200}
          error={error && (taken ? t('shell.dialogs.saveAs.taken') : error.message)}
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => {
            setName(event.currentTarget.value)
            setError(undefined)
          }}
        />
        {taken && (
          <Checkbox
            mt="sm"
            label={t('shell.dialogs.saveAs.replace')}
            checked={replace}
            onChange={(event) => setReplace(event.currentTarget.checked)}
          />
        )}
        <div className={styles.actions}>
          <Button variant="default" onClick={closeDialog}>
            {t('shell.dialogs.cancel')}
          </Button>
          <Button type="submit" loading={busy} disabled={name.trim() === '' || (taken && !replace)}>
            {t('shell.dialogs.saveAs.save')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
