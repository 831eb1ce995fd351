import { Button, Modal } from '@mantine/core'
import { closeDialog, type DialogOf, openDialog } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { showError } from '../../ui/notices.ts'
import { loadFile, overwrite } from '../../workspace/save.ts'
import { tabOf } from '../../workspace/tabs.ts'
import { titleOf } from '../../workspace/title.ts'
import styles from './dialogs.module.css'

/** Asks what to do if a document's file has changed since it was opened. */
export function ConflictDialog({ dialog }: { dialog: DialogOf<'conflict'> }) {
  const tab = tabOf(dialog.tab)
  if (!tab) return null
  const choose = (work: Promise<void>) => {
    closeDialog()
    work.catch(showError)
  }
  return (
    <Modal opened onClose={closeDialog} title={t('shell.dialogs.conflict.title')}>
      <p className={styles.text}>{t('shell.dialogs.conflict.text', { name: titleOf(tab) })}</p>
      <p className={styles.hint}>{t('shell.dialogs.conflict.hint')}</p>
      <div className={styles.actions}>
        <Button variant="default" onClick={() => choose(loadFile(tab))}>
          {t('shell.dialogs.conflict.load')}
        </Button>
        <Button variant="default" onClick={() => choose(overwrite(tab))}>
          {t('shell.dialogs.conflict.overwrite')}
        </Button>
        <Button data-autofocus onClick={() => openDialog({ kind: 'save-as', tab: tab.id })}>
          {t('shell.dialogs.conflict.copy')}
        </Button>
      </div>
    </Modal>
  )
}
