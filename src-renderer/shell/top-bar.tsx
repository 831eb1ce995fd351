import { VisuallyHidden } from '@mantine/core'
import { t } from '../strings/t.ts'
import { AppMenu } from './app-menu.tsx'
import { RunControls } from './run-controls.tsx'
import { TabStrip } from './tab-strip.tsx'
import styles from './top-bar.module.css'

/** Menu, document tabs and run controls. */
export function TopBar() {
  return (
    <header className={styles.bar}>
      <VisuallyHidden component="h1">{t('shell.name')}</VisuallyHidden>
      <AppMenu />
      <TabStrip />
      <RunControls />
    </header>
  )
}
