import { memo } from 'react'
import { byteRoutes, type ModelFile } from '#core/protocol/routes.ts'
import { printBytes } from '../../strings/bytes.ts'
import { t } from '../../strings/t.ts'
import { ServedImage } from '../../ui/served-image.tsx'
import { addFile, canAdd, embeddingCall } from './add-file.ts'
import styles from './files-panel.module.css'

/** A button for a model file. It adds a node, or an embedding to a prompt. */
export const FileRow = memo(function FileRow({ file, top }: { readonly file: ModelFile; readonly top: number }) {
  const { id, name, kind, summary, error, bytes, hasPicture } = file
  const does =
    kind === 'embedding'
      ? t('library.files.embedding', { words: embeddingCall(name) })
      : t('library.files.add', { name })
  return (
    <li className={styles.row} style={{ transform: `translateY(${top}px)` }}>
      <button type="button" disabled={!canAdd(file)} title={error ?? does} onClick={() => addFile(file)}>
        {hasPicture ? (
          <ServedImage src={byteRoutes.modelPicture(id)} alt="" />
        ) : (
          <span className={styles.blank}>{kind.slice(0, 1)}</span>
        )}
        <span className={styles.name}>{name}</span>
        <span className={styles.summary}>
          {summary}, {printBytes(bytes)}
        </span>
      </button>
    </li>
  )
})
