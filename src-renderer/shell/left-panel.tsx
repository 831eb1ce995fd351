import { X } from 'lucide-react'
import { type LeftPanel, ui } from '../store/ui.ts'
import { t } from '../strings/t.ts'
import { IconButton } from '../ui/icon-button.tsx'
import styles from './panel.module.css'
import { PanelBody } from './panel-body.tsx'
import { leftPanels } from './panels.ts'

/** The frame of the left panel. */
export function LeftPanelFrame({ panel }: { panel: LeftPanel }) {
  const title = t(`shell.rail.${panel}`)
  return (
    <section className={styles.panel} aria-label={title}>
      <header className={styles.header}>
        <h2 className={styles.title}>{title}</h2>
        <IconButton
          icon={X}
          label={t('shell.side.close', { panel: title })}
          onClick={() => ui.setState({ left: undefined })}
        />
      </header>
      <div className={styles.body}>
        <PanelBody panel={panel} content={leftPanels[panel]} />
      </div>
    </section>
  )
}
