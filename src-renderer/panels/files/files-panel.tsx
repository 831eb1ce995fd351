import { TextInput } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { RefreshCw } from 'lucide-react'
import { useRef, useState } from 'react'
import { useStore } from 'zustand'
import { library } from '../../store/library.ts'
import { t } from '../../strings/t.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { showError } from '../../ui/notices.ts'
import { FileRow } from './file-row.tsx'
import styles from './files-panel.module.css'
import { refreshModels } from './refresh.ts'

const rowHeight = 52

/** All files in the model folders. A click adds a file to the workflow. */
export function FilesPanel() {
  const models = useStore(library, (state) => state.models)
  const silent = useStore(library, (state) => state.silent)
  const [search, setSearch] = useState('')
  const scroller = useRef<HTMLDivElement>(null)
  const words = search.toLowerCase().split(/\s+/)
  const shown = models.filter(({ name, summary }) =>
    words.every((word) => `${name} ${summary}`.toLowerCase().includes(word)),
  )
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  })
  return (
    <div className={styles.panel}>
      <div className={styles.bar}>
        <TextInput
          size="xs"
          className={styles.search ?? ''}
          placeholder={t('library.files.search')}
          aria-label={t('library.files.search')}
          value={search}
          onChange={({ currentTarget }) => setSearch(currentTarget.value)}
        />
        <IconButton
          icon={RefreshCw}
          label={t('library.files.refresh')}
          onClick={() => void refreshModels().catch(showError)}
        />
      </div>
      <p className={styles.count} role="status">
        {shown.length === 0 ? t('library.files.none') : t('library.files.count', { count: shown.length })}
      </p>
      {silent.length > 0 && (
        <p className={styles.count} role="status">
          {t('library.files.silent', { folders: silent.join(', ') })}
        </p>
      )}
      <div ref={scroller} className={styles.scroller}>
        <ul style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const file = shown[index]
            return file && <FileRow key={file.id} file={file} top={start} />
          })}
        </ul>
      </div>
    </div>
  )
}
