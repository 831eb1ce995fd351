import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { t } from '../strings/t.ts'
import styles from './boundary.module.css'

interface FailedDialogProps {
  readonly children: ReactNode
  readonly onClose: () => void
}

/** Replaces a dialog that failed. It uses the native element, so that nothing else has to load. */
export function FailedDialog({ children, onClose }: FailedDialogProps) {
  return (
    <dialog ref={show} className={styles.dialog} aria-label={t('shell.failure.title')} onClose={onClose}>
      {children}
      <form method="dialog" className={styles.close}>
        <Button type="submit" size="xs" variant="subtle">
          {t('shell.dialogs.close')}
        </Button>
      </form>
    </dialog>
  )
}

const show = (dialog: HTMLDialogElement | null): void => dialog?.showModal()
