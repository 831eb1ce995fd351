import { Plus } from 'lucide-react'
import { useStore } from 'zustand'
import { workspace } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { newDocument } from '../workspace/tabs.ts'
import { DocumentTab } from './document-tab.tsx'
import styles from './tab-strip.module.css'

/** The open documents. */
export function TabStrip() {
  const tabs = useStore(workspace, (state) => state.tabs)
  return (
    <nav className={styles.strip} aria-label={t('shell.tabs.label')}>
      <ul className={styles.tabs}>
        {tabs.map((tab, place) => (
          <DocumentTab key={tab.id} tab={tab} place={place} />
        ))}
      </ul>
      <IconButton icon={Plus} label={t('shell.tabs.add')} onClick={newDocument} />
    </nav>
  )
}
