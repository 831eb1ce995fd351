import { Modal } from '@mantine/core'
import { closeDialog } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'

/** Describes the program and its privacy. */
export function AboutDialog() {
  return (
    <Modal opened onClose={closeDialog} title={t('dialogs.about.title')}>
      <p>{t('dialogs.about.text')}</p>
      <p>{t('dialogs.about.privacy')}</p>
    </Modal>
  )
}
