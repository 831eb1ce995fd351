import { PanelRightClose } from 'lucide-react'
import { type KeyboardEvent, useId } from 'react'
import { type RightPanel, ui } from '../store/ui.ts'
import { t } from '../strings/t.ts'
import { IconButton } from '../ui/icon-button.tsx'
import styles from './panel.module.css'
import { PanelBody } from './panel-body.tsx'
import { rightPanels } from './panels.ts'

const order: readonly RightPanel[] = ['node', 'form', 'queue']
const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 }

/** The right panels as tabs. */
export function RightPanelFrame({ panel }: { panel: RightPanel }) {
  const id = useId()
  const step = (event: KeyboardEvent<HTMLElement>) => {
    const next = order.at((order.indexOf(panel) + (steps[event.key] ?? 0)) % order.length)
    if (!next || next === panel) return
    ui.setState({ right: next })
    event.currentTarget.parentElement?.querySelector<HTMLElement>(`[data-panel=${next}]`)?.focus()
  }
  return (
    <aside className={styles.panel} aria-label={t('shell.side.label')}>
      <div className={styles.header}>
        <div role="tablist" className={styles.tabs} aria-label={t('shell.side.label')}>
          {order.map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`${id}-${name}`}
              data-panel={name}
              className={styles.tab}
              aria-selected={name === panel}
              aria-controls={`${id}-body`}
              tabIndex={name === panel ? 0 : -1}
              onClick={() => ui.setState({ right: name })}
              onKeyDown={step}
            >
              {t(`shell.side.${name}`)}
            </button>
          ))}
        </div>
        <IconButton
          icon={PanelRightClose}
          label={t('shell.side.hide')}
          onClick={() => ui.setState({ right: undefined })}
        />
      </div>
      <div role="tabpanel" id={`${id}-body`} aria-labelledby={`${id}-${panel}`} className={styles.body}>
        <PanelBody panel={panel} content={rightPanels[panel]} />
      </div>
    </aside>
  )
}
