import { useEffect } from 'react'
import { Group, Panel, Separator } from 'react-resizable-panels'
import { useStore } from 'zustand'
import { ui } from '../store/ui.ts'
import { t } from '../strings/t.ts'
import { DialogHost } from './dialog-host.tsx'
import { LeftPanelFrame } from './left-panel.tsx'
import { LeftRail } from './left-rail.tsx'
import { NoticeList } from './notice-list.tsx'
import { usePageTitle } from './page-title.ts'
import { PaletteHost } from './palette-host.tsx'
import { keepWidth, panelWidths } from './panel-widths.ts'
import { RightPanelFrame } from './right-panel.tsx'
import { useRoomForPanels } from './room-for-panels.ts'
import styles from './shell.module.css'
import { Stage } from './stage/stage.tsx'
import { StatusBar } from './status-bar.tsx'
import { TopBar } from './top-bar.tsx'

/** The layout of the whole page. */
export function Shell() {
  const left = useStore(ui, (state) => state.left)
  const right = useStore(ui, (state) => state.right)
  const widths = panelWidths.getState()
  usePageTitle()
  useRoomForPanels()
  useEffect(refuseStrayDrops, [])
  return (
    <div className={styles.shell}>
      <TopBar />
      <div className={styles.middle}>
        <LeftRail />
        <Group className={styles.panels}>
          {left && (
            <>
              <Panel
                id="left"
                defaultSize={widths.left}
                minSize={200}
                maxSize="45%"
                groupResizeBehavior="preserve-pixel-size"
                onResize={keepWidth.left}
              >
                <LeftPanelFrame panel={left} />
              </Panel>
              <Separator className={styles.separator} aria-label={t('shell.side.resize')} />
            </>
          )}
          <Panel id="canvas" minSize={240}>
            <Stage />
          </Panel>
          {right && (
            <>
              <Separator className={styles.separator} aria-label={t('shell.side.resize')} />
              <Panel
                id="right"
                defaultSize={widths.right}
                minSize={240}
                maxSize="60%"
                groupResizeBehavior="preserve-pixel-size"
                onResize={keepWidth.right}
              >
                <RightPanelFrame panel={right} />
              </Panel>
            </>
          )}
        </Group>
      </div>
      <StatusBar />
      <DialogHost />
      <PaletteHost />
      <NoticeList />
    </div>
  )
}

/** Ignores files dropped outside all targets. Otherwise the browser would open them in place of the page. */
function refuseStrayDrops(): () => void {
  const refuse = (event: DragEvent) => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'none'
  }
  window.addEventListener('dragover', refuse)
  window.addEventListener('drop', refuse)
  return () => {
    window.removeEventListener('dragover', refuse)
    window.removeEventListener('drop', refuse)
  }
}
