import { FileDown } from 'lucide-react'
import { t } from '../../strings/t.ts'
import styles from './drop-zone.module.css'
import type { DropContent } from './transfer.ts'

/** Says what happens to the dragged files when they are dropped. */
export function DropHint({ pictures, others }: DropContent) {
  return (
    <div className={styles.hint} role="status">
      <FileDown size={28} aria-hidden />
      <strong>{t('canvas.drop.here')}</strong>
      {pictures > 0 && <span>{t('canvas.drop.picture', { count: pictures })}</span>}
      {others > 0 && <span>{t('canvas.drop.file', { count: others })}</span>}
    </div>
  )
}
