import { type ComponentType, Suspense } from 'react'
import { useStore } from 'zustand'
import { TabContext } from '../store/context.ts'
import { workspace } from '../store/workspace.ts'
import styles from './panel.module.css'

/** A panel's content, within the active tab. */
export function PanelBody({ content: Content }: { content: ComponentType | undefined }) {
  const tab = useStore(workspace, ({ tabs, active }) => tabs.find(({ id }) => id === active))
  return (
    <div className={styles.body}>
      {Content && (
        <TabContext value={tab}>
          <Suspense>
            <Content />
          </Suspense>
        </TabContext>
      )}
    </div>
  )
}
