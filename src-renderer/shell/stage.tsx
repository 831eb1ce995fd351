import { Button } from '@mantine/core'
import { Suspense } from 'react'
import { TabContext } from '../store/context.ts'
import { openDialog } from '../store/ui.ts'
import { useActiveTab } from '../store/use-active-tab.ts'
import { t } from '../strings/t.ts'
import { newDocument } from '../workspace/tabs.ts'
import { deferred } from './deferred.ts'
import styles from './stage.module.css'

/** On its way while the documents are asked for. */
const surface = import('./surface.tsx')
const Surface = deferred(async () => (await surface).Surface)

/** Where the active document is drawn. */
export function Stage() {
  const tab = useActiveTab()
  return (
    <main className={styles.stage} aria-label={t('shell.canvas.label')}>
      {tab ? (
        <TabContext key={tab.id} value={tab}>
          <Suspense>
            <Surface />
          </Suspense>
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
