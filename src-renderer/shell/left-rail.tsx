import { useStore } from 'zustand'
import { type LeftPanel, ui } from '../store/ui.ts'
import { t } from '../strings/t.ts'
import { IconButton } from '../ui/icon-button.tsx'
import styles from './left-rail.module.css'
import { leftIcons } from './panels.ts'

const panels = Object.keys(leftIcons) as LeftPanel[]

/** Opens and closes the left panels. */
export function LeftRail() {
  const left = useStore(ui, (state) => state.left)
  return (
    <nav className={styles.rail} aria-label={t('shell.rail.label')}>
      {panels.map((panel) => (
        <IconButton
          key={panel}
          icon={leftIcons[panel]}
          label={t(`shell.rail.${panel}`)}
          side="right"
          pressed={left === panel}
          onClick={() => ui.setState({ left: left === panel ? undefined : panel })}
        />
      ))}
    </nav>
  )
}
