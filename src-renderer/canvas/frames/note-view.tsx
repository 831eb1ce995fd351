import type { NodeProps } from '@xyflow/react'
import { PencilLine } from 'lucide-react'
import { memo, Suspense, useRef, useState } from 'react'
import { resizeNote } from '../../commands/notes.ts'
import { commitTo, useDocument, useLevel, useTab } from '../../store/context.ts'
import { graphAt, type Size } from '../../store/graph.ts'
import { t } from '../../strings/t.ts'
import { Boundary } from '../../ui/boundary.tsx'
import { deferred } from '../../ui/deferred.ts'
import type { NoteItem } from '../view/flow-types.ts'
import { NoteEditor } from './note-editor.tsx'
import styles from './note-view.module.css'
import { ResizeHandle } from './resize-handle.tsx'

const min: Size = { width: 96, height: 48 }

/** Markdown is loaded with the first note. */
const NoteText = deferred(async () => (await import('./note-text.tsx')).NoteText)

/** React Flow renders this on every movement. The inner box renders only if its own props change. */
export const NoteView = ({ data, selected }: NodeProps<NoteItem>) => <NoteBox index={data.index} selected={selected} />

const NoteBox = memo(function NoteBox({ index, selected }: { readonly index: number; readonly selected: boolean }) {
  const tab = useTab()
  const level = useLevel()
  const note = useDocument(({ workflow }) => graphAt(workflow, level)?.notes?.[index])
  const box = useRef<HTMLElement>(null)
  const [preview, setPreview] = useState<Size>()
  // a new note starts in the editor, but one restored by undo does not
  const [editing, setEditing] = useState(
    () => selected && note?.text === '' && tab.document.getState().future.length === 0,
  )
  if (!note) return null
  const [width, height] = note.size ?? []
  const resize = (size: Size): void =>
    commitTo(tab, resizeNote(tab.document.getState().workflow, level, index, size, `note size ${index}`))
  return (
    <section
      ref={box}
      className={styles.note}
      style={preview ?? { width, height }}
      aria-label={t('canvas.note.label')}
      data-selected={selected || undefined}
      onDoubleClick={(event) => {
        event.stopPropagation()
        setEditing(true)
      }}
    >
      {editing ? (
        <NoteEditor index={index} text={note.text} onDone={() => setEditing(false)} />
      ) : (
        <>
          <div className={`${styles.text} nowheel`}>
            <Boundary>
              <Suspense fallback={note.text}>
                {note.text.trim() === '' ? <p>{t('canvas.note.empty')}</p> : <NoteText text={note.text} />}
              </Suspense>
            </Boundary>
          </div>
          <button
            type="button"
            className={`${styles.edit} nodrag`}
            aria-label={t('canvas.note.edit')}
            title={t('canvas.note.edit')}
            onClick={() => setEditing(true)}
          >
            <PencilLine size={14} aria-hidden />
          </button>
        </>
      )}
      <ResizeHandle
        label={t('canvas.note.resize')}
        size={() => ({ width: box.current?.offsetWidth ?? min.width, height: box.current?.offsetHeight ?? min.height })}
        min={min}
        onPreview={setPreview}
        onResize={resize}
      />
    </section>
  )
})
