import { Modal, SegmentedControl, Slider } from '@mantine/core'
import { useWindowEvent } from '@mantine/hooks'
import { ChevronLeft, ChevronRight, X } from 'lucide-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { byteRoutes } from '#core/protocol/routes.ts'
import { jobs, picturesOf } from '../../store/jobs.ts'
import { pictures } from '../../store/pictures.ts'
import { closeDialog, type DialogOf, openDialog } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { ServedImage } from '../../ui/served-image.tsx'
import { Compare, type CompareMode, compareModes } from './compare.tsx'
import { type PanZoom, whole } from './pan-zoom.ts'
import { PictureFacts } from './picture-facts.tsx'
import { Stage } from './stage.tsx'
import styles from './viewer.module.css'
import { viewChange } from './viewer-keys.ts'

/** A picture at window size, alone or compared with another. */
export function ViewerDialog({ dialog: { picture: id, compare } }: { readonly dialog: DialogOf<'viewer'> }) {
  const list = useStore(pictures, (state) => state.list)
  const passing = useStore(jobs, (state) => [...state.jobs.values()].flatMap(picturesOf).find((p) => p.id === id))
  const picture = list.find((known) => known.id === id) ?? passing
  const [view, setView] = useState<PanZoom>(whole)
  const [mode, setMode] = useState<CompareMode>('slider')
  const [split, setSplit] = useState(0.5)
  const step = (by: number) => {
    const next = list[list.findIndex((known) => known.id === id) + by]
    if (next) openDialog({ kind: 'viewer', picture: next.id })
  }
  useWindowEvent('keydown', (event) => {
    if (event.target instanceof Element && event.target.closest('[role=slider], [role=radiogroup]')) return
    const next = viewChange(event)
    if (next) setView(next)
    else if (!compare && event.key === 'ArrowLeft') step(-1)
    else if (!compare && event.key === 'ArrowRight') step(1)
  })
  return (
    <Modal
      opened
      fullScreen
      padding={0}
      withCloseButton={false}
      onClose={closeDialog}
      classNames={{ ...(styles.body && { body: styles.body }) }}
    >
      <div className={styles.viewer}>
        <div className={styles.bar}>
          <Modal.Title>{compare ? t('pictures.viewer.compare') : (picture?.name ?? '')}</Modal.Title>
          {compare ? (
            <CompareBar mode={mode} setMode={setMode} split={split} setSplit={setSplit} />
          ) : (
            <>
              <IconButton icon={ChevronLeft} label={t('pictures.viewer.newer')} onClick={() => step(-1)} />
              <IconButton icon={ChevronRight} label={t('pictures.viewer.older')} onClick={() => step(1)} />
            </>
          )}
          <IconButton icon={X} label={t('pictures.viewer.close')} onClick={closeDialog} />
        </div>
        <div className={styles.stages}>
          {compare ? (
            <Compare mode={mode} first={id} second={compare} split={split} view={view} change={setView} />
          ) : (
            <Stage view={view} change={setView} label={t('pictures.viewer.picture')}>
              <ServedImage src={byteRoutes.picture(id)} alt={picture?.name ?? ''} draggable={false} />
            </Stage>
          )}
        </div>
        <aside className={styles.side}>{picture && <PictureFacts picture={picture} />}</aside>
      </div>
    </Modal>
  )
}

interface CompareBarProps {
  readonly mode: CompareMode
  readonly setMode: (mode: CompareMode) => void
  readonly split: number
  readonly setSplit: (split: number) => void
}

function CompareBar({ mode, setMode, split, setSplit }: CompareBarProps) {
  return (
    <>
      {mode === 'slider' && (
        <Slider
          className={styles.slider ?? ''}
          size="sm"
          label={null}
          value={split * 100}
          thumbLabel={t('pictures.viewer.split')}
          onChange={(percent) => setSplit(percent / 100)}
        />
      )}
      <SegmentedControl
        size="xs"
        value={mode}
        onChange={(value) => setMode(value)}
        data={compareModes.map((known) => ({ value: known, label: t(`pictures.viewer.${known}`) }))}
      />
    </>
  )
}
