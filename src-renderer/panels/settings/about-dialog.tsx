import { Button, Modal } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { call } from '../../api/client.ts'
import { closeDialog } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { showError } from '../../ui/notices.ts'
import styles from './settings-dialog.module.css'

/** Describes the program, its privacy, its versions and the machine, to be copied for somebody who helps. */
export function AboutDialog() {
  const [report, setReport] = useState<string>()
  const { copy, copied } = useClipboard()
  useEffect(() => {
    call('diagnose', {}).then(
      ({ text }) => setReport(`${text}\n${t('dialogs.about.browser')}\n  ${navigator.userAgent}`),
      showError,
    )
  }, [])
  return (
    <Modal opened onClose={closeDialog} title={t('dialogs.about.title')} size="lg">
      <p>{t('dialogs.about.text')}</p>
      <p>{t('dialogs.about.privacy')}</p>
      {report === undefined ? (
        <p>{t('shell.dialogs.loading')}</p>
      ) : (
        <>
          <textarea
            className={styles.report}
            aria-label={t('dialogs.about.diagnostics')}
            rows={14}
            spellCheck={false}
            readOnly
            value={report}
          />
          <Button variant="default" onClick={() => copy(report)}>
            {copied ? t('dialogs.about.copied') : t('dialogs.about.copy')}
          </Button>
          <p className={styles.versions}>{t('dialogs.about.copyHint')}</p>
        </>
      )}
    </Modal>
  )
}
