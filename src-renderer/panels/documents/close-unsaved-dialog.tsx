import { Button, Modal } from '@mantine/core'
import { closeDialog, type DialogOf } from '../../store/ui.ts'
import type { Tab } from '../../store/workspace.ts'
import { t } from '../../strings/t.ts'
import { showError } from '../../ui/notices.ts'
import { saveTab } from '../../workspace/save.ts'
import { closeTab, tabOf } from '../../workspace/tabs.ts'
import { titleOf } from '../../workspace/title.ts'
import styles from './dialogs.module.css'

/** Asks whether to save changes when their tab is closed. */
export function CloseUnsavedDialog({ dialog }: { dialog: DialogOf<'close-unsaved'> }) {
  const tab = tabOf(dialog.tab)
  if (!tab) return null
  return (
    <Modal opened onClose={closeDialog} title={t('shell.dialogs.closeUnsaved.title')} size="sm">
      <p className={styles.text}>{t('shell.dialogs.closeUnsaved.text', { name: titleOf(tab) })}</p>
      <div className={styles.actions}>
        <Button variant="default" onClick={closeDialog}>
          {t('shell.dialogs.closeUnsaved.keep')}
        </Button>
        <Button
          variant="default"
          onClick={() => {
            closeDialog()
            closeTab(tab.id)
          }}
        >
          {t('shell.dialogs.closeUnsaved.discard')}
        </Button>
        <Button data-autofocus onClick={() => saveAndClose(tab).catch(showError)}>
          {t('shell.dialogs.closeUnsaved.save')}
        </Button>
      </div>
    </Modal>
  )
}

/** Saves and closes a tab. The tab stays open if a name is missing or there is a conflict. */
async function saveAndClose(tab: Tab): Promise<void> {
  closeDialog()
  await saveTab(tab, true)
  if (!tab.document.isUnsaved()) closeTab(tab.id)
}
