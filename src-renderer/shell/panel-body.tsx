import { type ComponentType, Suspense } from 'react'
import { TabContext } from '../store/context.ts'
import type { LeftPanel, RightPanel } from '../store/ui.ts'
import { useActiveTab } from '../store/use-active-tab.ts'
import { t } from '../strings/t.ts'
import { Boundary } from '../ui/boundary.tsx'
import styles from './panel.module.css'
import { documentPanels } from './panels.ts'

interface PanelBodyProps {
  readonly panel: LeftPanel | RightPanel
  readonly content: ComponentType
}

/** The content of a panel in the context of the active tab. */
export function PanelBody({ panel, content: Content }: PanelBodyProps) {
  const tab = useActiveTab()
  if (!tab && documentPanels.has(panel)) return <p className={styles.empty}>{t('shell.tabs.none')}</p>
  return (
    <TabContext value={tab}>
      <Boundary key={panel}>
        <Suspense>
          <Content />
        </Suspense>
      </Boundary>
    </TabContext>
  )
}
