import { VisuallyHidden } from '@mantine/core'
import { t } from '../strings/t.ts'
import { AppMenu } from './app-menu.tsx'
import { RunControls } from './run-controls.tsx'
import { TabStrip } from './tab-strip.tsx'
import styles from './top-bar.module.css'

/** Documents and what to do with them. */
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
