import { Button, CloseButton } from '@mantine/core'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { t } from '../strings/t.ts'
import { dismiss, type Notice, notices, showError } from '../ui/notices.ts'
import styles from './notice-list.module.css'

/** Duration of notices in milliseconds. An error stays until it is dismissed. */
const stays: Readonly<Record<Notice['kind'], number>> = {
  info: 10_000,
  success: 3000,
  warning: 12_000,
  error: Number.POSITIVE_INFINITY,
}

/** Notices in a corner of the page, announced by screen readers. */
export function NoticeList() {
  const shown = useStore(notices)
  return (
    <section className={styles.list} aria-label={t('shell.notices.label')} aria-live="polite">
      {shown.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </section>
  )
}

function NoticeCard({ notice }: { notice: Notice }) {
  const { id, kind, message, hint, actions = [], persistent } = notice
  useEffect(() => {
    const stay = stays[kind]
    if (persistent || !Number.isFinite(stay)) return undefined
    const timer = setTimeout(() => dismiss(id), stay)
    return () => clearTimeout(timer)
  }, [id, kind, persistent])
  return (
    <div className={styles.card} data-kind={kind} role={kind === 'error' ? 'alert' : undefined}>
      <div className={styles.text}>
        <p className={styles.message}>{message}</p>
        {hint && <p className={styles.hint}>{hint}</p>}
        {actions.length > 0 && (
          <div className={styles.actions}>
            {actions.map(({ label, perform }) => (
              <Button
                key={label}
                variant="default"
                onClick={() => {
                  dismiss(id)
                  Promise.resolve(perform()).catch(showError)
                }}
              >
                {label}
              </Button>
            ))}
          </div>
        )}
      </div>
      <CloseButton size={24} aria-label={t('shell.notices.dismiss')} onClick={() => dismiss(id)} />
    </div>
  )
}
