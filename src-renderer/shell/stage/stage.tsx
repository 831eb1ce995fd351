import { Button } from '@mantine/core'
import { Suspense } from 'react'
import { TabContext } from '../../store/context.ts'
import { openDialog } from '../../store/ui.ts'
import { useActiveTab } from '../../store/use-active-tab.ts'
import { t } from '../../strings/t.ts'
import { Boundary } from '../../ui/boundary.tsx'
import { deferred } from '../../ui/deferred.ts'
import { newDocument } from '../../workspace/tabs.ts'
import styles from './stage.module.css'

const loadSurface = async () => (await import('./surface.tsx')).Surface
const Surface = deferred(loadSurface)
// preload while the documents load. If it fails, rendering tries again
loadSurface().catch(() => undefined)

/** The area of the active document. */
export function Stage() {
  const tab = useActiveTab()
  return (
    <main className={styles.stage} aria-label={t('shell.canvas.label')}>
      {tab ? (
        <TabContext key={tab.id} value={tab}>
          <Boundary>
            <Suspense>
              <Surface />
            </Suspense>
          </Boundary>
        </TabContext>
      ) : (
        <Nothing />
      )}
    </main>
  )
}

function Nothing() {
  return (
    <div className={styles.nothing}>
      <p>{t('shell.tabs.none')}</p>
      <div className={styles.choices}>
        <Button onClick={newDocument}>{t('shell.tabs.new')}</Button>
        <Button variant="default" onClick={() => openDialog({ kind: 'open' })}>
          {t('shell.tabs.open')}
        </Button>
      </div>
    </div>
  )
}
