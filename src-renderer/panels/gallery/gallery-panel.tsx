import { Button } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Columns2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { perform } from '../../actions/perform.ts'
import { actionOf } from '../../actions/registry.ts'
import { deleted, loadPictures, pictures } from '../../store/pictures.ts'
import { ui } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { showError } from '../../ui/notices.ts'
import styles from './gallery-panel.module.css'
import { GalleryTile } from './gallery-tile.tsx'

/** Minimum size of a thumbnail with its margin in pixels. */
const tileSize = 124

/** All stored pictures, newest first. Two marked pictures can be compared. */
export function GalleryPanel() {
  const { list, loaded } = useStore(pictures)
  const [marked, setMarked] = useState<readonly string[]>([])
  const scroller = useRef<HTMLDivElement>(null)
  const { ref: sized, width } = useElementSize()
  useEffect(() => {
    loadPictures().catch(showError)
  }, [])
  const columns = Math.max(1, Math.floor(width / tileSize))
  const rowHeight = width / columns
  const rows = useVirtualizer({
    count: Math.ceil(list.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight || tileSize,
    overscan: 2,
  })
  useEffect(() => {
    if (rowHeight > 0) rows.measure()
  }, [rowHeight, rows])
  const mark = (id: string) =>
    setMarked((now) => (now.includes(id) ? now.filter((other) => other !== id) : [...now, id].slice(-2)))
  const [first, second] = marked
  const compare = () => {
    if (first && second) ui.setState({ dialog: { kind: 'viewer', picture: first, compare: second } })
  }
  return (
    <div className={styles.panel}>
      <div className={styles.bar}>
        <span>{t('pictures.gallery.count', { count: list.length })}</span>
        <BringBack />
        <Button
          size="compact-sm"
          variant="default"
          disabled={!second}
          onClick={compare}
          title={t('pictures.gallery.compareHint')}
          leftSection={<Columns2 size={14} aria-hidden />}
        >
          {t('pictures.gallery.compare')}
        </Button>
      </div>
      {loaded && list.length === 0 && <p className={styles.empty}>{t('pictures.gallery.empty')}</p>}
      <div ref={scroller} className={styles.scroller}>
        <div ref={sized} className={styles.sheet} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start, size }) => (
            <div
              key={index}
              className={styles.row}
              style={{
                transform: `translateY(${start}px)`,
                height: size,
                gridTemplateColumns: `repeat(${columns}, 1fr)`,
              }}
            >
              {list.slice(index * columns, (index + 1) * columns).map((picture) => (
                <GalleryTile key={picture.id} picture={picture} marked={marked.includes(picture.id)} mark={mark} />
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}

/** Brings the last deleted picture back, also once its notice has gone. */
function BringBack() {
  const hasDeleted = useStore(deleted, ({ ids }) => ids.length > 0)
  const action = actionOf('edit.restore-picture')
  if (!hasDeleted || !action?.icon) return null
  const context = { tab: undefined }
  return <IconButton icon={action.icon} label={action.label(context)} onClick={() => perform(action, context)} />
}
