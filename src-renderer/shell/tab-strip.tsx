import { Plus } from 'lucide-react'
import { type RefObject, useEffect, useRef } from 'react'
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
  const list = useRef<HTMLUListElement>(null)
  useActiveInView(list)
  return (
    <nav className={styles.strip} aria-label={t('shell.tabs.label')}>
      <ul
        ref={list}
        className={styles.tabs}
        // a mouse wheel turns in one direction only
        onWheel={({ currentTarget, deltaY }) => {
          currentTarget.scrollLeft += deltaY
        }}
      >
        {tabs.map((tab, place) => (
          <DocumentTab key={tab.id} tab={tab} place={place} />
        ))}
      </ul>
      <IconButton icon={Plus} label={t('shell.tabs.add')} onClick={newDocument} />
    </nav>
  )
}

/** Keeps the active tab in view, whichever tab is active and however wide the strip is. */
function useActiveInView(list: RefObject<HTMLUListElement | null>): void {
  const { tabs, active } = useStore(workspace)
  useEffect(() => {
    const strip = list.current
    if (!strip || active === undefined || tabs.length === 0) return
    const show = () => strip.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    show()
    const sizes = new ResizeObserver(show)
    sizes.observe(strip)
    return () => sizes.disconnect()
  }, [list, tabs, active])
}
